import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ScratchMachine } from "./support/machine";
import { type Mirror, startMirror } from "./support/mirror";
import { prepare, type StageName, stageNames, steps } from "./support/stages";

// Runs of real shell take their time on a busy machine.
jest.setTimeout(240_000);

let mirror: Mirror;
let machine: ScratchMachine;
beforeAll(async () => {
  mirror = await startMirror();
});
afterAll(() => mirror.stop());
beforeEach(() => {
  machine = new ScratchMachine();
});
afterEach(() => machine.remove());

/** Every file with its mode and content, apart from logs. */
const state = (of: ScratchMachine): Record<string, string> =>
  Object.fromEntries(
    of
      .tree()
      .filter((row) => !row.includes(" /var/log/"))
      .map((row) => [row, row.endsWith("/") ? "" : of.read(row.slice(5)).replaceAll(of.root, "")]),
  );

async function untouched(stage: StageName): Promise<Record<string, string>> {
  const other = new ScratchMachine();
  try {
    prepare(other, stage, mirror);
    expect(await other.run(stage)).toMatchObject({ status: 0 });
    return state(other);
  } finally {
    other.remove();
  }
}

test.each(stageNames)("%s, killed at each of its steps, ends well when it is run again (FT-50)", async (stage) => {
  prepare(machine, stage, mirror);

  for (const step of steps(stage)) {
    const { status, said } = await machine.killedAt(stage, step);
    expect(status).toBeNull();
    expect(said).toMatch(new RegExp(`^\\d\\d:\\d\\d:\\d\\d  ${step}$`, "m"));
  }
  expect(await machine.run(stage)).toMatchObject({ status: 0, errors: [] });

  expect(state(machine)).toEqual(await untouched(stage));
  expect(machine.uploaded(stage)).toEqual([]);
});

test.each(stageNames)("%s takes away what a run that was killed was just writing (FT-50, FT-24)", async (stage) => {
  const whole = await untouched(stage);
  prepare(machine, stage, mirror);
  const before = state(machine);
  const made = Object.keys(whole).filter((row) => !(row in before) && !row.endsWith("/"));
  // Programs out of an archive are unpacked in one folder together, all others written one by one.
  const records = made.filter(
    (row) => row.endsWith(".sums") && !made.includes(`0700 ${row.slice(5, -".sums".length)}`),
  );
  const unpacked = records.flatMap((row) =>
    [...whole[row]!.matchAll(/^[0-9a-f]{64} {2}(\S+)$/gm)].map(([, path]) => path!),
  );
  for (const path of made.map((row) => row.slice(6)).filter((path) => !unpacked.includes(path)))
    machine.write(`${path}.unfinished`, "half of a ke", 0o600);
  for (const record of records) {
    const folder = unpacked.find((path) => whole[record]!.includes(path))!.replace(/[^/]+$/, "");
    machine.write(`${folder}.${/([^/]+)\.sums$/.exec(record)![1]}.unfinished/half`, "half of a program");
  }
  expect(left().length).toBeGreaterThan(made.length - unpacked.length - 1);

  expect(await machine.run(stage)).toMatchObject({ status: 0, errors: [] });

  expect(left()).toEqual([]);
  expect(state(machine)).toEqual(whole);
});

test("image-credentials, killed between the download of its program and its place, leaves none and ends well the next time (FT-50, FT-89)", async () => {
  prepare(machine, "image-credentials", mirror);
  const program = "usr/local/bin/ecr-credential-provider";
  // The first mode that the stage sets is that of the program that has come whole and is verified.
  machine.write("commands/chmod", "#!/bin/sh\nprintf '00:00:00  verified\\n' >&3\nexec sleep 60\n", 0o755);

  const { status } = await machine.killedAt("image-credentials", "verified");
  expect(status).toBeNull();
  expect(left()).toEqual([`${program}.unfinished`]);
  expect(machine.tree().filter((row) => row.endsWith(program))).toEqual([]);

  rmSync(join(machine.root, "commands/chmod"));
  expect(await machine.run("image-credentials")).toMatchObject({ status: 0, errors: [] });
  expect(left()).toEqual([]);
  expect(state(machine)).toEqual(await untouched("image-credentials"));
});

test("worker finishes an install of packages that was killed, without which apt refuses every other (FT-50, FT-41)", async () => {
  prepare(machine, "worker", mirror);
  machine.write("commands/state/interrupted", "");

  expect(await machine.run("worker")).toMatchObject({ status: 0, errors: [] });
});

const left = (): string[] =>
  readdirSync(machine.root, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".unfinished"));
