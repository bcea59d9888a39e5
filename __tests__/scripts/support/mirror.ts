import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** Release files for a test, served over HTTP under the paths that their publishers use. */
export interface Mirror {
  readonly url: (path: string) => string;
  readonly sum: (path: string) => string;
  /** What was asked for since the mirror started. */
  readonly requests: readonly string[];
  readonly stop: () => Promise<void>;
}

const programs = join(__dirname, "..", "programs");

/** Paths on the mirror of what the stages download. */
export const releases = {
  etcd: "etcd/v3.6.16/etcd-v3.6.16-linux-amd64.tar.gz",
  containerd: "containerd/v2.3.4/containerd-2.3.4-linux-amd64.tar.gz",
  runc: "runc/v1.4.3/runc.amd64",
  cniPlugins: "plugins/v1.9.1/cni-plugins-linux-amd64-v1.9.1.tgz",
  ecrCredentialProvider: "cloud-provider-aws/v1.37.0/linux/amd64/ecr-credential-provider-linux-amd64",
  otelcol: "otelcol/v0.155.0/otelcol-contrib_0.155.0_linux_amd64.tar.gz",
  kubernetes: (name: string): string => `release/v1.36.3/bin/linux/amd64/${name}`,
} as const;

/** Puts the stand-ins of `programs/` on a server, in archives laid out like the real ones. */
export async function startMirror(): Promise<Mirror> {
  const folder = mkdtempSync(join(tmpdir(), "mirror-"));
  const program = (name: string, path: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    cpSync(join(programs, name), join(folder, path));
  };
  const archive = (path: string, members: Readonly<Record<string, string>>): void => {
    const content = mkdtempSync(join(tmpdir(), "archive-"));
    for (const [member, name] of Object.entries(members)) {
      mkdirSync(dirname(join(content, member)), { recursive: true });
      cpSync(join(programs, name), join(content, member));
    }
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    execFileSync("tar", ["-czf", join(folder, path), "-C", content, "."]);
    rmSync(content, { recursive: true });
  };

  for (const name of [
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
    "kubectl",
    "kubelet",
    "kube-proxy",
  ]) {
    program(name, releases.kubernetes(name));
  }
  program("runc", releases.runc);
  program("plugin", releases.ecrCredentialProvider);
  const inner = "etcd-v3.6.16-linux-amd64";
  archive(releases.etcd, {
    [`${inner}/etcd`]: "etcd",
    [`${inner}/etcdctl`]: "etcdctl",
    [`${inner}/etcdutl`]: "etcdutl",
  });
  archive(releases.containerd, {
    "bin/containerd": "containerd",
    "bin/containerd-shim-runc-v2": "containerd-shim-runc-v2",
    "bin/ctr": "ctr",
    "bin/containerd-stress": "plugin",
  });
  archive(releases.cniPlugins, { bridge: "plugin", "host-local": "plugin", loopback: "plugin", portmap: "plugin" });

  archive(releases.otelcol, { "otelcol-contrib": "otelcol-contrib" });

  const requests: string[] = [];
  const sum = (path: string): string =>
    createHash("sha256")
      .update(readFileSync(join(folder, path)))
      .digest("hex");
  const sums: Readonly<Record<string, () => string>> = {
    "etcd/v3.6.16/SHA256SUMS": () =>
      `${"0".repeat(64)}  etcd-v3.6.16-linux-arm64.tar.gz\n${sum(releases.etcd)}  etcd-v3.6.16-linux-amd64.tar.gz\n`,
    [`${releases.ecrCredentialProvider}.sha256`]: () => sum(releases.ecrCredentialProvider),
    "otelcol/v0.155.0/opentelemetry-collector-releases_otelcol-contrib_checksums.txt": () =>
      `${sum(releases.otelcol)}  otelcol-contrib_0.155.0_linux_amd64.tar.gz\n`,
  };
  const server = createServer((request, response) => {
    const path = (request.url ?? "/").slice(1);
    requests.push(path);
    try {
      response.end(sums[path]?.() ?? readFileSync(join(folder, path)));
    } catch {
      response.writeHead(404).end("no such file");
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;

  return {
    url: (path) => `http://127.0.0.1:${port}/${path}`,
    sum,
    requests,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
        rmSync(folder, { recursive: true });
      }),
  };
}
