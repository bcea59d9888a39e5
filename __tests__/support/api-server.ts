import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { releasePath } from "../../constructs/facts/release-files";
import { release } from "../../lab/artifacts/versions";
import { cached } from "../../lab/cache";

/** Tokens of those who may ask: one who may do everything, and one who may do nothing. */
export const tokens = { admin: "admin-token", stranger: "stranger-token" } as const;

/** etcd and kube-apiserver of the artifacts, on the loopback: nothing of a cluster but its API. */
export class ApiServer {
  private constructor(
    readonly url: string,
    readonly folder: string,
    readonly kubectl: string,
    private readonly processes: readonly ChildProcess[],
  ) {}

  static async start(): Promise<ApiServer> {
    const folder = mkdtempSync(join(tmpdir(), "api-server-"));
    const program = (name: "kube-apiserver" | "kubectl" | "etcd"): string =>
      cached("mirror", releasePath(name, release, "amd64"));
    execFileSync("tar", ["-xzf", program("etcd"), "-C", folder, "--strip-components=1"]);
    const [client, peer, secure] = await freePorts(3);
    const keys = generateKeyPairSync("rsa", {
      modulusLength: 2048,
      privateKeyEncoding: { type: "pkcs1", format: "pem" },
      publicKeyEncoding: { type: "spki", format: "pem" },
    });
    writeFileSync(join(folder, "sa.key"), keys.privateKey);
    writeFileSync(
      join(folder, "tokens.csv"),
      `${tokens.admin},admin,1,system:masters\n${tokens.stranger},stranger,2,\n`,
    );
    const start = (command: string, args: readonly string[]): ChildProcess => {
      const log = openSync(join(folder, `${command.slice(command.lastIndexOf("/") + 1)}.log`), "a");
      return spawn(command, args, { cwd: folder, stdio: ["ignore", log, log] });
    };
    const etcdUrl = `http://127.0.0.1:${client}`;
    const etcd = start(join(folder, "etcd"), [
      `--data-dir=${join(folder, "data")}`,
      `--listen-client-urls=${etcdUrl}`,
      `--advertise-client-urls=${etcdUrl}`,
      `--listen-peer-urls=http://127.0.0.1:${peer}`,
      `--initial-advertise-peer-urls=http://127.0.0.1:${peer}`,
      `--initial-cluster=default=http://127.0.0.1:${peer}`,
      "--unsafe-no-fsync",
    ]);
    const server = start(program("kube-apiserver"), [
      `--etcd-servers=${etcdUrl}`,
      "--bind-address=127.0.0.1",
      `--secure-port=${secure}`,
      `--cert-dir=${join(folder, "certificates")}`,
      "--authorization-mode=RBAC",
      "--service-cluster-ip-range=10.100.0.0/16",
      "--service-account-issuer=https://api.invalid",
      `--service-account-key-file=${join(folder, "sa.key")}`,
      `--service-account-signing-key-file=${join(folder, "sa.key")}`,
      `--token-auth-file=${join(folder, "tokens.csv")}`,
    ]);
    const made = new ApiServer(`https://127.0.0.1:${secure}`, folder, program("kubectl"), [etcd, server]);
    await made.untilReady(server);
    return made;
  }

  /** The certificate that a client has to trust. */
  get certificate(): string {
    return readFileSync(join(this.folder, "certificates", "apiserver.crt"), "utf8");
  }

  /** kubectl of somebody who may do everything. */
  admin(...args: string[]): string {
    return execFileSync(this.kubectl, [...this.access, ...args], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
  }

  adminWith(input: string, ...args: string[]): string {
    return execFileSync(this.kubectl, [...this.access, ...args], { encoding: "utf8", input });
  }

  async stop(): Promise<void> {
    for (const child of this.processes) {
      const ended = new Promise((resolve) => child.once("close", resolve));
      if (child.exitCode === null && child.kill("SIGKILL")) await ended;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  private get access(): string[] {
    const file = join(this.folder, "ca.crt");
    writeFileSync(file, this.certificate);
    return [
      ...["--kubeconfig=/dev/null", `--server=${this.url}`, `--certificate-authority=${file}`],
      ...[`--token=${tokens.admin}`, `--cache-dir=${join(this.folder, "cache")}`],
    ];
  }

  private async untilReady(server: ChildProcess): Promise<void> {
    for (const end = Date.now() + 120_000; Date.now() < end && server.exitCode === null;) {
      try {
        // Namespaces come after readiness.
        this.admin("get", "namespace", "kube-system");
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    }
    const log = readFileSync(join(this.folder, "kube-apiserver.log"), "utf8").split("\n").slice(-10).join("\n");
    await this.stop();
    throw new Error(`the API server did not come up:\n${log}`);
  }
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.on("error", reject).listen(0, "127.0.0.1", () => {
            resolve((server.address() as { port: number }).port);
          });
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
