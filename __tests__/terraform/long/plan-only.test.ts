import { spawn, type ChildProcess } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectFolder } from "../../../lab/terraform/workspace";

// npm start where no machine can run, in a clone of its own: what lies in .lab is the cluster of this one.
const scratch = mkdtempSync(join(tmpdir(), "plan-only-"));
const clone = join(scratch, "clone");
/** An ordinary user, who may read what root has prepared. */
const user = join(scratch, "user.cjs");
let running: ChildProcess | undefined;

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function start(...args: string[]): Promise<Ended> {
  const program = ["--require", user, "--import", "tsx", join(clone, "lab", "commands", "start.ts"), ...args];
  const child = spawn(process.execPath, program, { cwd: clone, stdio: ["ignore", "pipe", "pipe"] });
  running = child;
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (text: Buffer) => (stdout += text.toString()));
  child.stderr.on("data", (text: Buffer) => (stderr += text.toString()));
  return new Promise((resolve) => child.on("close", (status) => resolve({ status, stdout, stderr })));
}

beforeAll(() => {
  for (const name of ["constructs", "lab", "scripts", "stacks", "main.ts", "package.json", "tsconfig.json"])
    cpSync(join(projectFolder, name), join(clone, name), { recursive: true });
  symlinkSync(join(projectFolder, "node_modules"), join(clone, "node_modules"));
  writeFileSync(user, "process.getuid = () => 1000;\n");
});
afterAll(() => {
  running?.kill();
  rmSync(scratch, { recursive: true, force: true });
});

describe("npm start, where no machine can run", () => {
  let ended: Ended;
  beforeAll(async () => void (ended = await start()), 300_000);

  test("ends well with the plan, of as many resources as were said to be built, and says why (FT-03)", () => {
    expect([ended.status, ended.stderr]).toEqual([0, ""]);
    const [, total] = /^\d\d:\d\d {2}to be built: (\d+) Terraform resources/m.exec(ended.stdout) ?? [];

    expect(ended.stdout).toMatch(
      /^\d\d:\d\d {2}machines need root, and this is an ordinary user: try sudo npm start; so this ends with the plan$/m,
    );
    expect(ended.stdout).toMatch(new RegExp(`^Plan: ${total} to add, 0 to change, 0 to destroy\\.$`, "m"));
  });

  test("names each machine, and shows no key (FT-03, LD-14)", () => {
    const [summary = ""] = ended.stdout.split("so this ends with the plan");

    for (const machine of ["controller-0", "controller-1", "controller-2", "worker-0", "worker-1", "worker-2"])
      expect(summary).toContain(machine);
    expect(ended.stdout).not.toMatch(/-----BEGIN/);
  });

  test("tells what it does, and where its providers come from, and promises no cluster (FT-03)", () => {
    const said = ended.stdout.split("\n").flatMap((line) => /^\d\d:\d\d {2}(.*)/.exec(line)?.[1] ?? []);

    expect(said).toEqual(
      expect.arrayContaining([expect.stringMatching(/^provider aws \S+: /), "terraform init", "terraform plan"]),
    );
    expect(said.slice(-1)).toEqual(["terraform plan"]);
    expect(ended.stdout).not.toContain("npm run kubectl");
    expect(existsSync(join(clone, ".lab", "kubeconfig"))).toBe(false);
  });
});

test("npm start -- hybrid, where no machine can run, says in one sentence that there is no network for it (FT-03)", async () => {
  expect(await start("hybrid")).toEqual({
    status: 1,
    stdout: "",
    stderr:
      "\nerror: machines need root, and this is an ordinary user: try sudo npm start; without them there is no network for the stack hybrid to be in\n",
  });
}, 60_000);

test("npm start of a stack that is not there names those that are (FT-03)", async () => {
  expect(await start("nothing")).toEqual({
    status: 1,
    stdout: "",
    stderr: "\nerror: no stack 'nothing' to start; there are hard-way, eks, hybrid\n",
  });
}, 60_000);
