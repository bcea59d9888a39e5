import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

// The bootstrap of an Amazon Linux 2 node, against a metadata service that takes no question without a token.
jest.setTimeout(60_000);

const SCRIPT = join(__dirname, "..", "..", "scripts", "eks-node", "bootstrap.al2.sh");
const TOKEN = "a-token-of-version-2";
const said: Record<string, string> = {
  "/latest/meta-data/local-ipv4": "192.168.12.245",
  "/latest/meta-data/instance-id": "i-0123456789abcdef0",
  "/latest/meta-data/instance-type": "m5.large",
  "/latest/meta-data/local-hostname": "ip-192-168-12-245.eu-west-1.compute.internal",
};
let server: Server;
let root: string;
let refused: number;

beforeEach(async () => {
  refused = 0;
  root = mkdtempSync(join(tmpdir(), "eks-node-"));
  mkdirSync(join(root, "etc/eksctl"), { recursive: true });
  mkdirSync(join(root, "bin"));
  write("etc/eksctl/kubelet.env", "NODE_LABELS=\nNODE_TAINTS=\n");
  write("etc/eksctl/max_pods.map", "t3.medium 17\nm5.large 29\n");
  write("bin/systemctl", `#!/bin/sh\necho "$*" >> ${root}/systemctl.log\n`);
  chmodSync(join(root, "bin/systemctl"), 0o755);
  server = createServer((request, response) => {
    const { url = "", method, headers } = request;
    if (method === "PUT" && url === "/latest/api/token") return response.end(TOKEN);
    if (headers["x-aws-ec2-metadata-token"] !== TOKEN) {
      refused += 1;
      return response.writeHead(401).end();
    }
    return said[url] === undefined ? response.writeHead(404).end() : response.end(said[url]);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(root, { recursive: true, force: true });
});

const write = (path: string, text: string): void => writeFileSync(join(root, path), text);
const read = (path: string): string => readFileSync(join(root, path), "utf8");

function run(): Promise<{ status: number | null; said: string }> {
  const METADATA = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return new Promise((resolve, reject) => {
    const child = spawn("bash", [SCRIPT], {
      env: { PATH: `${root}/bin:${process.env["PATH"]}`, ROOT: root, METADATA, NO_PROXY: "*" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let text = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (data: Buffer) => (text += data.toString()));
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, said: text }));
  });
}

test("asks the metadata service with a token alone, and starts the kubelet (FT-72, S2-58, S2-59)", async () => {
  const { status } = await run();

  expect([status, refused]).toEqual([0, 0]);
  expect(read("etc/eksctl/kubelet.local.env")).toBe(
    "NODE_IP=192.168.12.245\nNODE_NAME=ip-192-168-12-245.eu-west-1.compute.internal\nINSTANCE_ID=i-0123456789abcdef0\n" +
      "INSTANCE_TYPE=m5.large\nMAX_PODS=29\n",
  );
  expect(read("systemctl.log")).toBe("daemon-reload\nenable kubelet\nrestart kubelet\n");
});

test("changes nothing when it runs again (FT-72)", async () => {
  await run();
  const before = read("etc/eksctl/kubelet.local.env");
  await run();

  expect(read("etc/eksctl/kubelet.local.env")).toBe(before);
});

test("takes the number of pods that the group was given (FT-72, FT-73)", async () => {
  write("etc/eksctl/kubelet.env", "NODE_LABELS=\nNODE_TAINTS=\nMAX_PODS=20\n");
  await run();

  expect(read("etc/eksctl/kubelet.local.env")).toContain("MAX_PODS=20\n");
});

test("fails clearly for a type that it has no number for, and starts no kubelet (FT-72, LD-06, rule instance-type-known)", async () => {
  write("etc/eksctl/max_pods.map", "t3.medium 17\n");
  const { status, said: text } = await run();

  expect(status).toBe(1);
  expect(text).toContain("/etc/eksctl/max_pods.map does not know m5.large: set maxPods of the group");
  expect([existsSync(join(root, "etc/eksctl/kubelet.local.env")), existsSync(join(root, "systemctl.log"))]).toEqual([
    false,
    false,
  ]);
});

test("names the image's pause image to containerd before the kubelet starts (FT-70, S2-44)", async () => {
  mkdirSync(join(root, "etc/eks/containerd"), { recursive: true });
  write("etc/eks/containerd/containerd-config.toml", 'sandbox_image = "SANDBOX_IMAGE"\n');
  await run();

  expect(read("etc/containerd/config.toml")).toBe('sandbox_image = "registry.k8s.io/pause:3.10"\n');
  expect(read("systemctl.log").split("\n")[0]).toBe("restart containerd");
});
