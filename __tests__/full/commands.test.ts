import { spawnSync } from "node:child_process";
import { down, labOwner, refuseWhenSomethingIsInTheWay, status } from "../../lab/lab";
import { projectFolder } from "../../lab/terraform/workspace";
import { asWritten } from "../support/page-commands";

// The commands by which people have a cluster on their own machine, as the pages have them, in this clone.
const minutes = (count: number): number => count * 60_000;

/** What a command prints, which has to end well. */
function run(command: string, input = ""): string {
  const ended = spawnSync("bash", ["-c", command], {
    cwd: projectFolder,
    encoding: "utf8",
    input,
    maxBuffer: 64 * 1024 * 1024,
    timeout: minutes(60),
  });
  if (ended.status !== 0) throw new Error(`${command} ended with ${ended.status}:\n${ended.stdout}${ended.stderr}`);
  return ended.stdout;
}
const kubectl = asWritten("npm run kubectl -- get pods -A");
const ssh = asWritten("npm run ssh -- worker-0");
const nodes = (said: string): string[] => said.match(/^\S+ +Ready /gm) ?? [];

beforeAll(refuseWhenSomethingIsInTheWay);
afterAll(async () => {
  // Only a lab that npm start of this clone left.
  if (labOwner() === projectFolder) await down({ log: (line) => void process.stderr.write(`${line}\n`) });
}, minutes(2));

describe("the stack hard-way", () => {
  test(
    "npm start ends in a cluster, and says what to do next (FT-95)",
    () => {
      const said = run(asWritten("npm start"));

      expect(nodes(said)).toHaveLength(3);
      expect(said).toContain("dig @10.32.0.10 kubernetes.default.svc.cluster.local from worker-0: 10.32.0.1\n");
      for (const next of [kubectl, ssh]) expect(said).toContain(next);
    },
    minutes(45),
  );

  test("npm run kubectl and npm run ssh reach it (FT-95)", () => {
    expect(run(kubectl).match(/ coredns-\S+ +1\/1 /g)).toHaveLength(2);
    expect(run(ssh, "hostname\n").split("\n")).toContain("worker-0");
  });

  test(
    "npm run down takes it away (FT-95)",
    () => {
      run(asWritten("npm run down"));

      expect(status()).toBeUndefined();
      expect(() => run(kubectl)).toThrow("run npm start first");
    },
    minutes(2),
  );
});

describe.each([
  [asWritten("npm start -- eks"), 2],
  [asWritten("npm start -- hybrid"), 3],
])("%s", (start, count) => {
  test(
    "ends in a cluster, which is taken away again (FT-95)",
    () => {
      expect(nodes(run(start))).toHaveLength(count);
      expect(nodes(run("npm run kubectl -- get nodes"))).toHaveLength(count);

      run("npm run down");
      expect(status()).toBeUndefined();
    },
    minutes(30),
  );
});
