import { join } from "node:path";
import { Cluster, capture, machineCommand, type Artifacts } from "../../lab/commands/cluster";
import type { Terraform } from "../../lab/terraform/terraform";
import { endOwnLab, startOwnLab, testsFolder } from "../lab/own-lab";

const cluster = new Cluster("small", testsFolder);
const minutes = (count: number): number => count * 60_000;

let artifacts: Artifacts;
let terraform: Terraform;

const kubectl = (...args: string[]): string => capture(cluster.kubectlCommand(artifacts.kubectl, args)).stdout;

beforeAll(async () => {
  // What an interrupted run left is of an account that is gone.
  cluster.forget();
  artifacts = await startOwnLab();
  cluster.synthesise(join(__dirname, "small-cluster.app.ts"));
  terraform = cluster.terraform(artifacts);
  await terraform.init();
}, minutes(45));

afterAll(endOwnLab, minutes(2));

test(
  "one thing at a time, an apply ends in a cluster all the same: no controller waits for one that has not begun (FT-49)",
  async () => {
    await terraform.apply(() => undefined, "-parallelism=1");
    await cluster.saveAccess(terraform, artifacts);

    expect(kubectl("get", "nodes", "--no-headers")).toMatch(/^worker-0 +Ready /);
    expect((await terraform.plan()).changes).toBe(false);
  },
  minutes(15),
);

test("kube-proxy in nftables mode reaches Services (FT-46)", () => {
  const dig = ["dig", "+short", "+time=2", "+tries=5", "@10.79.0.10", "kubernetes.default.svc.cluster.local"];

  expect(capture(machineCommand("worker-0", dig)).stdout.trim()).toBe("10.79.0.1");
  expect(capture(machineCommand("worker-0", ["nft", "list", "tables"])).stdout).toContain("table ip kube-proxy");
});

test("serves the API with a certificate of an elliptic curve (FT-22)", () => {
  const { stdout } = capture(machineCommand("controller-0", ["openssl", "s_client", "-connect", "10.77.0.5:6443"]), {
    input: "",
  });

  expect(stdout).toMatch(/Peer signature type: ECDSA/);
});

test(
  "destroys everything, one thing at a time (FT-59)",
  async () => {
    await terraform.destroy(() => undefined, "-parallelism=1");

    expect(await terraform.state()).toEqual([]);
  },
  minutes(5),
);
