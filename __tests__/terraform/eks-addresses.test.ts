import { spawn } from "node:child_process";
import { join } from "node:path";
import { pythonEnvironment } from "../../lab/artifacts/python-environment";
import { projectFolder } from "../../lab/terraform/workspace";
import { awsApi, type AwsApi } from "../support/aws-api";
import { awsAnswers, type AwsCall } from "../support/aws-calls";
import type { Block } from "../support/resources";

// What scripts/verify/eks-addresses.sh finds in the emulator, where all that can be wrong with addresses is laid out.
const REGION = "eu-west-1";
let api: AwsApi;
let python: string;
beforeAll(async () => {
  ({ python } = await pythonEnvironment(() => undefined));
  api = await awsApi();
}, 600_000);
afterAll(() => api?.stop());

const ask = async (...call: AwsCall): Promise<Block> => (await awsAnswers(api, REGION, [call]))[0]!;

function check(...args: string[]): Promise<{ status: number | null; said: string }> {
  const env = {
    PATH: `${join(__dirname, "../support/aws-command")}:${process.env["PATH"]}`,
    ...{ AWS_PYTHON: python, AWS_ENDPOINT_URL: api.url, AWS_REGION: REGION, NO_PROXY: "*" },
    ...{ AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test", AWS_EC2_METADATA_DISABLED: "true" },
  };
  const script = join(projectFolder, "scripts", "verify", "eks-addresses.sh");
  return new Promise((resolve, reject) => {
    const child = spawn("bash", [script, ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (data: Buffer) => (said += data.toString()));
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, said }));
  });
}

/** A cluster of one node, in a subnet of this block. */
async function cluster(name: string, block: string): Promise<{ subnet: string; instance: string }> {
  const { Vpc } = await ask("ec2", "create_vpc", { CidrBlock: block.replace(/\.\d+\/\d+$/, ".0/24") });
  const { Subnet } = await ask("ec2", "create_subnet", { VpcId: Vpc.VpcId, CidrBlock: block });
  await ask("eks", "create_cluster", {
    name,
    roleArn: "arn:aws:iam::123456789012:role/eks",
    resourcesVpcConfig: { subnetIds: [Subnet.SubnetId] },
  });
  const { Images } = await ask("ec2", "describe_images", {
    Filters: [{ Name: "name", Values: ["amazon-eks-node-*1.36*"] }],
  });
  const { Instances } = await ask("ec2", "run_instances", {
    ...{ ImageId: Images[0].ImageId, InstanceType: "t3.small", SubnetId: Subnet.SubnetId, MinCount: 1, MaxCount: 1 },
    TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key: `kubernetes.io/cluster/${name}`, Value: "owned" }] }],
  });
  return { subnet: Subnet.SubnetId as string, instance: Instances[0].InstanceId as string };
}

/** An interface as the CNI makes it, with so many addresses for pods. */
async function podInterface(subnet: string, pods: number, instance: string): Promise<string> {
  const { NetworkInterface } = await ask("ec2", "create_network_interface", {
    SubnetId: subnet,
    Description: `aws-K8S-${instance}`,
    SecondaryPrivateIpAddressCount: pods,
  });
  return NetworkInterface.NetworkInterfaceId as string;
}

test("finds nothing wrong with a cluster that has room (FT-84)", async () => {
  const { subnet, instance } = await cluster("roomy", "10.1.0.0/24");

  const { status, said } = await check("roomy");
  expect(said).toMatch(new RegExp(`^ok {6}subnet ${subnet} has 24\\d free addresses$`, "m"));
  expect(said).toContain("ok      no interface of the CNI is left over\n");
  expect(said).toContain(`ok      instance ${instance} (t3.small) has 1 of 3 interfaces and 1 of 12 addresses\n`);
  expect(status).toBe(0);
}, 120_000);

test("names a subnet that is full, an interface that leaked and an instance that is full (FT-84, F-27, S3-16, S3-17, S3-18)", async () => {
  const { subnet, instance } = await cluster("crowded", "10.2.0.0/27");
  const leaked = await podInterface(subnet, 5, "i-0gone");
  for (const index of [1, 2]) {
    const NetworkInterfaceId = await podInterface(subnet, 3, instance);
    await ask("ec2", "attach_network_interface", { NetworkInterfaceId, InstanceId: instance, DeviceIndex: index });
  }
  const { Reservations } = await ask("ec2", "describe_instances", { InstanceIds: [instance] });
  await ask("ec2", "assign_private_ip_addresses", {
    NetworkInterfaceId: Reservations[0].Instances[0].NetworkInterfaces[0].NetworkInterfaceId,
    SecondaryPrivateIpAddressCount: 3,
  });

  const { status, said } = await check("crowded", "20");
  expect(said).toMatch(new RegExp(`^FAILED {2}subnet ${subnet} has \\d+ free addresses: fewer than 20, so `, "m"));
  expect(said).toContain(
    `FAILED  interface ${leaked} in ${subnet} is left over with 6 addresses: no instance has it; ` +
      `aws ec2 delete-network-interface --network-interface-id ${leaked}\n`,
  );
  expect(said).toContain(
    `FAILED  instance ${instance} is full: a t3.small has 3 interfaces with 4 addresses, and all are taken, so it has 9 pods at most; `,
  );
  expect(status).toBe(1);
  expect(said).toMatch(/error: eks-addresses\.sh on \S+: 3 of the checks above failed\n$/);
}, 120_000);

test("says so where there is no such cluster, and where it has no node (FT-84)", async () => {
  expect(await check("nobody")).toMatchObject({
    status: 1,
    said: expect.stringMatching(
      /^FAILED {2}AWS does not answer: .*ResourceNotFoundException.*; check credentials and region$/m,
    ) as string,
  });
  const { instance } = await cluster("empty", "10.3.0.0/24");
  await ask("ec2", "terminate_instances", { InstanceIds: [instance] });
  expect((await check("empty")).said).toMatch(/^FAILED {2}no node runs: .*kubernetes\.io\/cluster\/empty=owned/m);
  expect((await check()).said).toMatch(/^FAILED {2}no cluster is named: run /m);
}, 120_000);
