// Runs before anything of node_modules can: brings node_modules up to package-lock.json. Plain JavaScript for that reason.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
// Since 20.6 it takes tsx by --import.
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 6)) {
  console.error(`error: Node ${process.versions.node} is too old; install Node 20.6 or newer`);
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
