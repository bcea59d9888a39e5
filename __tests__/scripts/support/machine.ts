import { execFileSync, spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export const scripts = join(__dirname, "..", "..", "..", "scripts");
const commands = join(__dirname, "..", "commands");

export type Variables = Readonly<Record<string, string>>;

/** How a run of a stage ended. */
export interface Outcome {
  readonly status: number | null;
  readonly said: string;
  /** The lines that begin with "error:". */
  readonly errors: readonly string[];
}

/** Whoever is nobody else's user. */
const NOBODY = 65534;

/** Gives folders to an ordinary user, and says how to start a process as that one. */
function ordinary(folders: readonly string[]): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  execFileSync("chown", ["-R", `${NOBODY}:${NOBODY}`, ...folders]);
  return { uid: NOBODY, gid: NOBODY };
}

/**
 * A scratch root in which stages run as an ordinary user, also where the tests are root's: the scripts, bash, curl, tar and sha256sum are real;
 * what would act on this machine (systemctl, apt-get, sysctl…) are the stand-ins of `commands/`.
 */
export class ScratchMachine {
  readonly root = mkdtempSync(join(tmpdir(), "machine-"));
  readonly #upload = mkdtempSync(join(tmpdir(), "upload-"));
  /** Its /tmp, in which a stage that is killed leaves what it was at. */
  readonly #temporary = mkdtempSync(join(tmpdir(), "temporary-"));
  readonly #commands = join(this.root, "commands");
  #disk: ChildProcess | undefined;

  constructor() {
    cpSync(commands, this.#commands, { recursive: true });
    this.write("etc/os-release", "ID=debian\nVERSION_CODENAME=bookworm\n");
    this.write("etc/fstab", "# as the image has it\nUUID=1 / ext4 defaults 0 1\n/dev/vdb none swap sw 0 0\n");
  }

  /** Lays down what Terraform uploads for a stage. */
  upload(stage: string, env: Variables, files: Readonly<Record<string, string>> = {}): void {
    const folder = join(this.#upload, stage);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(join(folder, "files"), { recursive: true });
    cpSync(join(scripts, "lib"), join(folder, "lib"), { recursive: true });
    cpSync(join(scripts, stage), join(folder, stage), { recursive: true });
    writeFileSync(
      join(folder, "node.env"),
      Object.entries(env)
        .map(([name, value]) => `${name}='${value}'\n`)
        .join(""),
    );
    for (const [name, content] of Object.entries(files)) {
      writeFileSync(join(folder, "files", name), content);
    }
  }

  /** What is left of the uploaded certificates and keys. */
  uploaded(stage: string): string[] {
    return readdirSync(join(this.#upload, stage, "files"));
  }

  run(stage: string, extra: Variables = {}): Promise<Outcome> {
    return this.#start(stage, extra);
  }

  /** A run that is killed, with everything it has started, when it says that it begins with a step. */
  killedAt(stage: string, step: string): Promise<Outcome> {
    return this.#start(stage, {}, new RegExp(`^\\S+  ${step}$`, "m"));
  }

  #start(stage: string, extra: Variables, until?: RegExp): Promise<Outcome> {
    const script = join(this.#upload, stage, stage, "run.sh");
    const env = {
      HOME: this.root,
      PATH: `${this.#commands}:${process.env["PATH"] ?? ""}`,
      ROOT: this.root,
      TMPDIR: this.#temporary,
      COMMANDS: this.#commands,
      PATIENCE_SECONDS: "0",
      ...extra,
    };
    return new Promise((resolve, reject) => {
      const user = ordinary([this.root, this.#upload, this.#temporary]);
      const stdio = ["ignore", "pipe", "pipe"] as ["ignore", "pipe", "pipe"];
      const detached = until !== undefined;
      const asUser =
        user.uid === undefined ? [] : ["setpriv", `--reuid=${user.uid}`, `--regid=${user.gid}`, "--clear-groups"];
      const child =
        this.#disk === undefined
          ? spawn("bash", [script], { env, ...user, stdio, detached })
          : spawn("nsenter", [...this.#beside(), ...asUser, "bash", script], { env, stdio, detached });
      let said = "";
      const hear = (data: Buffer): void => {
        said += data.toString();
        if (until?.test(said) && child.pid !== undefined && !child.killed) {
          child.kill("SIGKILL");
          process.kill(-child.pid, "SIGKILL");
        }
      };
      child.stdout.on("data", hear);
      child.stderr.on("data", hear);
      child.on("error", reject);
      child.on("close", (status) =>
        resolve({ status, said, errors: said.split("\n").filter((line) => line.startsWith("error:")) }),
      );
    });
  }

  /**
   * Puts a folder, with what is in it, on a disk of its own without any room, for the runs that follow. It is seen by them
   * alone: in a mount namespace that ends with this process, however it ends.
   */
  async fillDisk(folder: string): Promise<void> {
    const path = join(this.root, folder);
    mkdirSync(path, { recursive: true });
    ordinary([this.root]);
    const made =
      'set -e; disk=$(mktemp -d); mount -t tmpfs -o size=256k,mode=0755 none "$disk"; cp -a "$0/." "$disk"; ' +
      'chown --reference="$0" "$disk"; mount --bind "$disk" "$0"; umount "$disk"; rmdir "$disk"; ' +
      'dd if=/dev/zero of="$0/filler" bs=4k 2>/dev/null || true; echo is there; exec sleep infinity';
    // Who is not root is root in a user namespace of its own.
    const apart = ["--mount", ...(process.getuid?.() === 0 ? [] : ["--user", "--map-root-user"])];
    const child = spawn("setpriv", ["--pdeathsig", "KILL", "unshare", ...apart, "sh", "-c", made, path], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.#disk = child;
    await Promise.race([
      once(child.stdout, "data"),
      once(child, "close").then(([code]) => Promise.reject(new Error(`no disk for ${folder}: code ${String(code)}`))),
    ]);
  }

  /** Makes room on that disk. */
  makeRoom(folder: string): void {
    const { status, stderr } = spawnSync("nsenter", [...this.#beside(), "rm", join(this.root, folder, "filler")], {
      encoding: "utf8",
    });
    if (status !== 0) throw new Error(stderr);
  }

  /** The namespaces of the disk. */
  #beside(): string[] {
    const own = process.getuid?.() === 0 ? [] : ["--user", "--preserve-credentials"];
    return [...own, "--mount", `--target=${this.#disk!.pid}`];
  }

  /** Commands that acted on the machine since the last time this was asked. */
  calls(): string[] {
    const file = join(this.#commands, "calls");
    const lines = existsSync(file) ? readFileSync(file, "utf8").trimEnd().split("\n") : [];
    rmSync(file, { force: true });
    return lines.map((line) => line.replaceAll(this.root, ""));
  }

  /** Every file, every empty folder, and every folder of an unusual mode, with their modes. */
  tree(): string[] {
    const rows: string[] = [];
    const walk = (folder: string): void => {
      for (const name of readdirSync(join(this.root, folder)).sort()) {
        const path = join(folder, name);
        if (path === "commands") continue;
        const status = lstatSync(join(this.root, path));
        const mode = (status.mode & 0o7777).toString(8).padStart(4, "0");
        if (!status.isDirectory()) {
          rows.push(`${mode} /${path}`);
          continue;
        }
        if (mode !== "0755" || readdirSync(join(this.root, path)).length === 0) rows.push(`${mode} /${path}/`);
        walk(path);
      }
    };
    walk("");
    return rows;
  }

  /** When each file was written, apart from the log of the last run. */
  writtenAt(): Record<string, number> {
    return Object.fromEntries(
      this.tree()
        .map((row) => row.slice(5))
        .filter((path) => !path.endsWith("/") && !path.startsWith("/var/log/"))
        .map((path) => [path, lstatSync(join(this.root, path)).mtimeMs]),
    );
  }

  read(path: string): string {
    return readFileSync(join(this.root, path), "utf8");
  }

  write(path: string, content: string, mode = 0o644): void {
    const file = join(this.root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    chmodSync(file, mode);
  }

  /** A program that another stage has installed. */
  install(name: string): void {
    this.write(`usr/local/bin/${name}`, readFileSync(join(__dirname, "..", "programs", name), "utf8"), 0o755);
  }

  remove(): void {
    this.#disk?.kill("SIGKILL");
    rmSync(this.root, { recursive: true });
    rmSync(this.#upload, { recursive: true });
    rmSync(this.#temporary, { recursive: true });
  }
}
