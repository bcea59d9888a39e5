import { join } from "node:path";
import { nodeadm } from "../../lab/artifacts/nodeadm";
import { EksStack, onMachine, putOnMachine } from "../lab/eks-cluster";
import { Api, becomes } from "../lab/operator";
import { endOwnLab, startOwnLab } from "../lab/own-lab";

// What happens to a cluster after its apply: nodes come and go, and nobody runs Terraform.
const minutes = (count: number): number => count * 60_000;
let eks: EksStack;
let program: string;
let api: Api;
const names = (): string[] => Object.keys(eks.nodes()).sort();
async function scaling(call: string, given: object = {}): Promise<Record<string, { AutoScalingGroupName: string }[]>> {
  const { answer, error } = (await api.ask("autoscaling", call, given)) as {
    answer?: Record<string, { AutoScalingGroupName: string }[]>;
    error?: string;
  };
  if (answer === undefined) throw new Error(`${call}: ${error}`);
  return answer;
}
async function scaleTo(DesiredCapacity: number): Promise<void> {
  const { AutoScalingGroups } = await scaling("describe_auto_scaling_groups");
  const [{ AutoScalingGroupName }] = AutoScalingGroups as [{ AutoScalingGroupName: string }];
  await scaling("set_desired_capacity", { AutoScalingGroupName, DesiredCapacity });
}

beforeAll(async () => {
  program = await nodeadm((line) => void process.stderr.write(`${line}\n`));
  const artifacts = await startOwnLab();
  eks = new EksStack("scaling", artifacts, join(__dirname, "eks-scaling.app.ts"));
  await eks.terraform.init();
  await eks.apply();
  await eks.cluster.saveAccess(eks.terraform, artifacts);
  api = await Api.open();
}, minutes(60));
afterAll(async () => {
  await api?.close();
  await endOwnLab();
}, minutes(2));

test("an access entry alone lets nodes in (FT-77, FT-78)", () => {
  expect(Object.values(eks.nodes())).toEqual(["True"]);
  expect(() => eks.kubectl("get", "configmap", "aws-auth", "--namespace=kube-system")).toThrow(/NotFound/);
});

test("nodeadm reads the user data of a node on the node itself (FT-71)", () => {
  const [machine] = eks.machines("workers");
  putOnMachine(machine!, program, "/usr/local/bin/nodeadm");

  expect(onMachine(machine!, "/usr/local/bin/nodeadm config check --config-source imds://user-data")).toEqual({
    status: 0,
    output: expect.stringContaining("Configuration is valid") as string,
  });
});

test("a kubelet has the pods and the settings of its group, with what is reserved for so many (FT-73, FT-80)", () => {
  const { kubeletconfig } = JSON.parse(eks.kubectl("get", "--raw", `/api/v1/nodes/${names()[0]}/proxy/configz`)) as {
    kubeletconfig: object;
  };

  expect(kubeletconfig).toMatchObject({
    ...{ maxPods: 20, podPidsLimit: 1024 },
    kubeReserved: { cpu: "70m", memory: "475Mi", "ephemeral-storage": "1Gi" },
  });
});

test(
  "a node that is added joins, and one whose instance is gone is listed no longer (FT-68, FT-78)",
  async () => {
    await scaleTo(2);
    await becomes("two nodes that are Ready", () => Object.values(eks.nodes()).join() === "True,True", true, 180);
    expect((await eks.terraform.plan()).output).toMatch(/^No changes\./m);

    await scaleTo(1);
    await becomes("one machine", () => eks.machines("workers").length === 1, true, 60);
    // Until a node is no longer believed to be Ready, which takes Kubernetes 50 seconds, nobody asks for its instance.
    await becomes("one node", () => names().length === 1, true, 180);
    const [{ private: address } = { private: "" }] = eks.machines("workers");
    expect(names()).toEqual([`ip-${address!.replaceAll(".", "-")}.ec2.internal`]);
    expect((await eks.terraform.plan()).output).toMatch(/^No changes\./m);
  },
  minutes(9),
);

test(
  "destroy leaves nothing (FT-02)",
  async () => {
    await eks.terraform.destroy(() => undefined);

    expect(await eks.terraform.state()).toEqual([]);
  },
  minutes(5),
);
