import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { modules } from "../../support/modules";
import { blocksOf, page } from "../../support/page";
import { initialised } from "../../support/terraform";

const scratch = mkdtempSync(join(tmpdir(), "module-bastion-"));
const hybrid = blocksOf(page("modules.md"), "yaml").find((text) => text.startsWith("kind: hybrid"))!;
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

test("behind a bastion that is there a module asks for it by variables, its key a sensitive one (FT-01, FT-94)", async () => {
  const [config, out] = [join(scratch, "bastion.yaml"), join(scratch, "bastion")];
  writeFileSync(config, `${hybrid}existingBastion: true\n`);

  await modules("--config", config, "--out", out);

  const { variable } = JSON.parse(readFileSync(join(out, "variables.tf.json"), "utf8")) as {
    variable: Record<string, { sensitive?: boolean }>;
  };
  expect(Object.keys(variable).filter((name) => name.startsWith("ssh_"))).toEqual([
    ...["ssh_bastion_cidr", "ssh_bastion_host", "ssh_bastion_host_keys", "ssh_bastion_port"],
    ...["ssh_bastion_private_key", "ssh_bastion_user"],
  ]);
  expect(variable["ssh_bastion_private_key"]).toMatchObject({ sensitive: true });
  const example = await initialised(join(out, "examples", "basic"));
  expect(await example.succeed("validate", "-no-color")).toContain("Success!");
}, 240_000);
