import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TerraformStack } from "cdktf";
import fc from "fast-check";
import { EksCluster, HardWayCluster, HybridCluster } from "../../../constructs";
import { eksProps, hardWayProps, hybridProps } from "../../support/random-clusters";
import { addProviders, synthInto } from "../../support/synth";
import { initialised } from "../../support/terraform";

// Some of the clusters that rules/properties.test.ts makes many of, judged by Terraform and its providers.
const scratch = mkdtempSync(join(tmpdir(), "random-clusters-"));
const sample = { seed: Number(process.env["SEED"] ?? 11), numRuns: Number(process.env["RUNS"] ?? 4) };
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const builds = {
  "hard-way": fc
    .sample(hardWayProps, sample)
    .map((props) => (on: TerraformStack) => new HardWayCluster(on, "c", props)),
  hybrid: fc.sample(hybridProps, sample).map((props) => (on: TerraformStack) => new HybridCluster(on, "c", props)),
  eks: fc.sample(eksProps, sample).map((props) => (on: TerraformStack) => new EksCluster(on, "c", props)),
};

test.each(Object.entries(builds))(
  "Terraform takes clusters of kind %s, whatever they combine (FT-97)",
  async (kind, all) => {
    for (const [index, build] of all.entries()) {
      const folder = synthInto(join(scratch, `${kind}-${index}`), (stack) => {
        addProviders(stack);
        build(stack);
      });
      const terraform = await initialised(folder);
      expect(JSON.parse(await terraform.succeed("validate", "-json"))).toMatchObject({ valid: true, diagnostics: [] });
    }
  },
  300_000,
);
