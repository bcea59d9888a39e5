import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { capture } from "../../lab/commands/cluster";
import { projectFolder, synthesise } from "../../lab/terraform/workspace";

test("cdktf synth writes the same bytes as running the app does (FT-01)", () => {
  const folder = mkdtempSync(join(tmpdir(), "cdktf-cli-"));
  try {
    const [output, own] = [join(folder, "cli"), join(folder, "own")];
    const cli = ["npx", "--yes", "--ignore-scripts", "-p", "cdktf-cli@0.21.0", "cdktf"];
    const { status, stderr } = capture(
      ["env", "-C", projectFolder, "CHECKPOINT_DISABLE=1", ...cli, "synth", "--output", output],
      { timeoutSeconds: 300 },
    );
    expect({ status, stderr: status === 0 ? "" : stderr }).toEqual({ status: 0, stderr: "" });
    synthesise("hard-way", own);

    const read = (path: string): string => readFileSync(join(path, "cdk.tf.json"), "utf8");
    expect(read(join(output, "stacks", "hard-way"))).toBe(read(own));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 400_000);
