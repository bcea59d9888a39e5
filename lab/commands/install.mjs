// Runs before anything of node_modules can: brings node_modules up to package-lock.json. Plain JavaScript for that reason.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const needed = 20;
if (Number(process.versions.node.split(".")[0]) < needed) {
  console.error(`error: Node ${process.versions.node} is too old; install Node ${needed} or newer`);
  process.exit(1);
}
const marker = join(root, "node_modules", ".installed-lock");
const lock = createHash("sha256")
  .update(readFileSync(join(root, "package-lock.json")))
  .digest("hex");
if (!existsSync(marker) || readFileSync(marker, "utf8") !== lock) {
  console.log("installing npm packages");
  const { status } = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    stdio: "inherit",
  });
  if (status !== 0) {
    console.error("error: npm ci failed; the lines above say why");
    process.exit(1);
  }
  writeFileSync(marker, lock);
}
