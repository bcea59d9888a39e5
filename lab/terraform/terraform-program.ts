import { spawnSync } from "node:child_process";

/** The oldest Terraform that the stacks are run with. */
const oldest = [1, 9] as const;

/** @throws Error that says how to get one, when there is no Terraform on PATH or it is too old. */
export function requireTerraform(): void {
  const { status, stdout } = spawnSync("terraform", ["version", "-json"], {
    encoding: "utf8",
    env: { ...process.env, CHECKPOINT_DISABLE: "1" },
    timeout: 60_000,
  });
  const found = status === 0 ? /"terraform_version": *"([^"]+)"/.exec(stdout)?.[1] : undefined;
  if (found !== undefined && isNewEnough(found)) return;
  const state = found === undefined ? "is not on PATH or does not run" : `on PATH is ${found}`;
  throw new Error(
    `terraform ${oldest.join(".")} or newer is needed, and terraform ${state}; ` +
      "get it from https://developer.hashicorp.com/terraform/install and put it on PATH",
  );
}

function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > oldest[0] || (major === oldest[0] && minor >= oldest[1]);
}
