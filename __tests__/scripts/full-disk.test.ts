import { ScratchMachine, type Variables } from "./support/machine";
import { type Mirror, startMirror } from "./support/mirror";
import { prepare, type StageName, stageNames } from "./support/stages";

// Runs of real shell take their time on a busy machine.
jest.setTimeout(120_000);

let mirror: Mirror;
beforeAll(async () => {
  mirror = await startMirror();
});
afterAll(() => mirror.stop());

/** What a stage writes to, each of which may be a disk of its own. */
const DISKS = ["var/log", "etc", "var/lib", "usr/local/bin", "tmp"] as const;
type Disk = (typeof DISKS)[number];

/**
 * Runs a stage with this disk full. When that fails, it does so by its one sentence, and not when there is room again.
 *
 * @returns whether it failed, and on which of the other disks the stage has left something in the end
 */
async function runsWithout(stage: StageName, disk: Disk): Promise<{ readonly failed: boolean; readonly left: Disk[] }> {
  const machine = new ScratchMachine();
  try {
    prepare(machine, stage, mirror);
    const before = machine.tree();
    await machine.fillDisk(disk);
    const temporary: Variables = disk === "tmp" ? { TMPDIR: `${machine.root}/tmp` } : {};
    const { status, errors } = await machine.run(stage, temporary);
    const failed = status !== 0;
    const sentence = `^error: ${stage} on \\S+: no room is left on ${machine.root}/${disk} for .+; make room there, or give the machine a larger disk$`;
    expect([disk, status, errors]).toEqual(
      failed ? [disk, 1, [expect.stringMatching(new RegExp(sentence))]] : [disk, 0, []],
    );
    if (failed) {
      machine.makeRoom(disk);
      const again = await machine.run(stage, temporary);
      expect([disk, again]).toEqual([disk, expect.objectContaining({ status: 0, errors: [] })]);
    }
    expect([disk, machine.uploaded(stage)]).toEqual([disk, []]);
    const made = machine.tree().filter((row) => !before.includes(row) && !row.endsWith("/"));
    return { failed, left: DISKS.filter((other) => made.some((row) => row.slice(5).startsWith(`/${other}/`))) };
  } finally {
    machine.remove();
  }
}

test.each(stageNames)(
  "%s says in one sentence which disk is full, fails for each that it writes to, and ends well when there is room (FT-50, FT-51)",
  async (stage) => {
    const runs = await Promise.all(DISKS.map((disk) => runsWithout(stage, disk)));
    const failed = DISKS.filter((_, index) => runs[index]!.failed);
    const [log] = DISKS;

    // Every stage keeps a log. What is on the small disk is not seen from here; what a stage leaves on the others is.
    expect(failed).toContain(log);
    expect(runs[0]!.left).toEqual(failed.filter((disk) => disk !== log && disk !== "tmp"));
  },
);
