import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nodeConfig, type KubeletSettings, type NodeCluster } from "../../constructs/eks/user-data";
import { nodeadm } from "../../lab/artifacts/nodeadm";
import { mime } from "../support/user-data";

// What nodes of Amazon Linux 2023 are told, read by the program that it is for, as far as that can be had: it knows the fields of
// February 2024, and checks their kinds.
const cluster: NodeCluster = {
  ...{ name: "blue", endpoint: "https://0123456789ABCDEF.gr7.eu-west-1.eks.amazonaws.com", region: "eu-west-1" },
  ...{ certificateAuthority: "LS0tLS1CRUdJTg==", serviceCidr: "10.100.0.0/16", dns: "10.100.0.10" },
};
const plain: KubeletSettings = { labels: {}, taints: [], maxPods: undefined, config: {} };
const scratch = mkdtempSync(join(tmpdir(), "nodeadm-"));
let program: string;

beforeAll(async () => {
  program = await nodeadm((line) => void process.stderr.write(`${line}\n`));
}, 20 * 60_000);
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** The one part that is for nodeadm: this version takes no archive from a file. */
async function check(text: string, change: (part: string) => string = (part) => part) {
  const [, part] = (await mime(text)).find(([type]) => type === "application/node.eks.aws")!;
  const file = join(scratch, "node-config.yaml");
  writeFileSync(file, change(JSON.stringify(part)));
  const { status, stdout, stderr } = spawnSync(program, ["config", "check", "--config-source", `file://${file}`], {
    encoding: "utf8",
  });
  return { status, said: `${stdout}${stderr}` };
}

test.each<[string, Parameters<typeof nodeConfig>]>([
  ["a node", [cluster, plain]],
  [
    "one with labels, taints, pods and settings",
    [
      cluster,
      {
        labels: { tier: "web", "example.com/zone": "" },
        taints: [{ key: "dedicated", value: "web", effect: "NoSchedule" }],
        maxPods: 110,
        config: { kubeReserved: { cpu: "70m" }, systemReserved: { memory: "200Mi" } },
      },
    ],
  ],
  [
    "one behind a proxy that opens TLS",
    [cluster, plain, { http: "http://10.1.2.3:3128", https: "http://10.1.2.3:3128", exceptions: [".svc"], ca: "PEM" }],
  ],
])("nodeadm takes what %s is told (FT-71, FT-73)", async (_, given) => {
  expect(await check(nodeConfig(...given)!)).toEqual({
    status: 0,
    said: expect.stringContaining("Configuration is valid") as string,
  });
});

test.each([
  [
    "whose certificate is not base64",
    (part: string) => part.replace(cluster.certificateAuthority, "%"),
    "illegal base64",
  ],
  ["of another kind", (part: string) => part.replace('"NodeConfig"', '"KubeletConfiguration"'), "no kind"],
])("nodeadm refuses one %s, so that it reads what it is given (FT-71)", async (_, change, complaint) => {
  const { status, said } = await check(nodeConfig(cluster, plain)!, change);

  expect([status, said]).toEqual([1, expect.stringContaining(complaint)]);
});
