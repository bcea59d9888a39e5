import { createHash } from "node:crypto";
import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { files as uploads, hardWay } from "../support/hard-way";
import { CIS_CONTROLS, CONFIGS, type Check, type Program } from "./support/cis-controls";
import { failures, matching, type Facts } from "./support/cis-facts";
import { ScratchMachine } from "./support/machine";
import { type Mirror, startMirror } from "./support/mirror";
import { commandLine, prepare, type StageName, units } from "./support/stages";

// Runs of real shell take their time on a busy machine.
jest.setTimeout(180_000);

const roles = { controller: ["etcd", "control-plane"], worker: ["worker"] } as const;
type Role = keyof typeof roles;

let mirror: Mirror;
const facts: Partial<Record<Role, Facts>> = {};

beforeAll(async () => {
  mirror = await startMirror();
  for (const role of ["controller", "worker"] as const) facts[role] = await leftBy(roles[role]);
});
afterAll(() => mirror.stop());

test.each(["controller", "worker"] as const)(
  "on a %s the scripts meet every control of CIS 1.12 that is on (FT-24, FT-34, FT-45)",
  (role) => {
    expect(failures(role, facts[role]!)).toEqual([]);
  },
);

test("every automated control has something that is looked at, and a manual one that has nothing has its reason", () => {
  const unjudged = CIS_CONTROLS.filter(({ checks }) => checks.length === 0);

  expect(unjudged.filter(({ kind, reason }) => kind === "automated" || reason === undefined)).toEqual([]);
  expect(CIS_CONTROLS.filter(({ checks, reason }) => checks.length > 0 && reason !== undefined)).toEqual([]);
});

test("the table has each control of the sections 1 to 4 once, in their order", () => {
  const numbers = (section: string, last: number): string[] =>
    Array.from({ length: last }, (_, index) => `${section}.${index + 1}`);

  expect(CIS_CONTROLS.map(({ id }) => id)).toEqual([
    ...numbers("1.1", 21),
    ...numbers("1.2", 30),
    ...numbers("1.3", 7),
    ...numbers("1.4", 2),
    ...numbers("2", 7),
    ...numbers("3.1", 3),
    ...numbers("3.2", 2),
    ...numbers("4.1", 10),
    ...numbers("4.2", 14),
    ...numbers("4.3", 1),
  ]);
});

const checks = CIS_CONTROLS.flatMap(({ id, on, checks: all }) => all.map((check) => ({ id, on, check })));

test.each(checks)("$id notices when it is not so: $check", ({ id, on, check }) => {
  const complaints = failures(on, spoiled(check, facts[on]!));

  expect(complaints.some((complaint) => complaint.startsWith(`${id}: `))).toBe(true);
});

test("a program that does not run, and a file that is not there, meet nothing", () => {
  const nothing: Facts = { flags: {}, configs: {}, files: {} };

  expect(failures("worker", nothing)).toEqual(
    expect.arrayContaining([
      "4.1.1: /etc/systemd/system/kubelet.service is not there",
      `4.2.1: ${CONFIGS.kubelet} is not there`,
    ]),
  );
  expect(failures("controller", nothing)).toContain("1.2.2: kube-apiserver does not run");
});

/** What stages leave on a machine: units, configurations, modes and owners. */
async function leftBy(stages: readonly StageName[]): Promise<Facts> {
  const machine = new ScratchMachine();
  try {
    const owners: Record<string, string> = {};
    for (const stage of stages) {
      prepare(machine, stage, mirror);
      expect(await machine.run(stage)).toMatchObject({ status: 0, errors: [] });
      for (const call of machine.calls()) {
        const [, owner, path] = /^chown (\S+) (\S+)$/.exec(call) ?? [];
        // A file gets its owner beside its place, before it is moved there.
        if (owner !== undefined) owners[path!.replace(/\.[A-Za-z0-9]{6}$/, "")] = owner;
      }
    }
    const files = Object.fromEntries(
      ["/", ...readdirSync(machine.root, { recursive: true, encoding: "utf8" }).map((path) => `/${path}`)].map(
        (path) => {
          const status = lstatSync(join(machine.root, path));
          const sum = status.isFile() ? createHash("sha256").update(machine.read(path)).digest("hex") : "";
          return [path, { mode: (status.mode & 0o7777).toString(8), owner: owners[path] ?? "root:root", sum }];
        },
      ),
    );
    const configs = Object.fromEntries(
      Object.values(CONFIGS)
        .filter((path) => path in files)
        .map((path) => [path, parse(path === CONFIGS.encryption ? encryption() : machine.read(path)) as unknown]),
    );
    return { flags: Object.assign({}, ...stages.map(flagsOf)) as Facts["flags"], configs, files };
  } finally {
    machine.remove();
  }
}

/** The flags of a stage's units. */
function flagsOf(stage: StageName): Facts["flags"] {
  return Object.fromEntries(
    units(stage).map((unit) => [
      unit.replace(".service", "") as Program,
      Object.fromEntries(
        commandLine(stage, unit)
          .filter((word) => word.startsWith("--"))
          .map((word) => [word.replace(/=.*$/s, ""), word.replace(/^[^=]*=/, "")]),
      ),
    ]),
  );
}

/** As Terraform makes it, apart from the key that it makes. */
const encryption = (): string => uploads(hardWay(), "control-plane/controller-0")["encryption-config.yaml"]!;

/** The same machine, but for what the check looks at. */
function spoiled(check: Check, { flags, configs, files }: Facts): Facts {
  if ("flag" in check) {
    const others = { ...flags[check.program] };
    if (check.must.refuses === undefined) delete others[check.flag];
    else others[check.flag] = check.must.refuses;
    return { flags: { ...flags, [check.program]: others }, configs, files };
  }
  if ("field" in check) {
    const [first, ...rest] = check.field.split(".").reverse();
    const value = check.must.refuses === undefined ? {} : { [first!]: refused(check.must.refuses) };
    const config = rest.reduce<unknown>((inner, key) => ({ [key]: inner }), value);
    return { flags, configs: { ...configs, [check.config]: config }, files };
  }
  const [path, file] = matching(check.path, { flags, configs, files })[0]!;
  const worse = {
    ...file,
    ...("mode" in check ? { mode: "777" } : {}),
    ...("owner" in check ? { owner: "nobody:nogroup" } : {}),
    ...("unlike" in check ? { sum: files[check.unlike]!.sum } : {}),
  };
  return { flags, configs, files: { ...files, [path]: worse } };
}

const refused = (value: string): unknown => (value.startsWith("{") ? [JSON.parse(value)] : value);
