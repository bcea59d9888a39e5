import { env, hardWay } from "../support/hard-way";
import { all, named, references, resources, withoutHash } from "../support/resources";
import { addresses } from "../support/synth";

const stack = hardWay({
  availabilityZones: ["eu-west-1a", "eu-west-1b"],
  workers: { count: 2, labels: { tier: "web" } },
  workerPools: {
    gpu: {
      count: 2,
      instanceType: "g5.xlarge",
      firstHost: 60,
      labels: { accelerator: "nvidia", "example.com/tier": "ml" },
      taints: [
        { key: "dedicated", value: "gpu", effect: "NoSchedule" },
        { key: "busy", effect: "PreferNoSchedule" },
      ],
    },
  },
});

test("a pool's machines are named by it, at its addresses, of its type (FT-15)", () => {
  const found = all(stack, "aws_instance").map(({ tags, private_ip, instance_type }) => [
    (tags as { Name: string }).Name,
    private_ip as string,
    references(instance_type).map(withoutHash).join(),
  ]);

  expect(found).toEqual(
    expect.arrayContaining([
      ["worker-0", "10.240.0.20", "data.aws_ec2_instance_type.cluster_worker_type"],
      ["worker-1", "10.240.0.149", "data.aws_ec2_instance_type.cluster_worker_type"],
      ["gpu-0", "10.240.0.60", "data.aws_ec2_instance_type.cluster_pool-gpu_type"],
      ["gpu-1", "10.240.0.189", "data.aws_ec2_instance_type.cluster_pool-gpu_type"],
    ]),
  );
});

test("the pods of a pool's machine have the block of its number, so growing another pool moves none (FT-15, FT-53)", () => {
  const blocks = Object.entries(named(stack, "aws_route"))
    .filter(([name]) => name.includes("pod-routes"))
    .map(([name, { destination_cidr_block }]) => [name.replace("cluster_pod-routes_", ""), destination_cidr_block]);

  expect(Object.fromEntries(blocks)).toEqual({
    "worker-0": "10.200.0.0/24",
    "worker-1": "10.200.1.0/24",
    "gpu-0": "10.200.60.0/24",
    "gpu-1": "10.200.61.0/24",
  });
  expect(env(stack, "worker/gpu-1").POD_CIDR).toBe("10.200.61.0/24");
});

test("a pool's nodes register with its labels, its taints and their zone (FT-73)", () => {
  expect(env(stack, "worker/gpu-1")).toMatchObject({
    NODE_LABELS: "topology.kubernetes.io/zone=eu-west-1b,accelerator=nvidia,example.com/tier=ml",
    NODE_TAINTS: "dedicated=gpu:NoSchedule,busy:PreferNoSchedule",
  });
  expect(env(stack, "worker/worker-0")).toMatchObject({
    NODE_LABELS: "topology.kubernetes.io/zone=eu-west-1a,tier=web",
    NODE_TAINTS: "",
  });
});

test("the first controller is told the labels and taints of all nodes (FT-73)", () => {
  expect(env(stack, "nodes/controller-0").NODES).toBe(
    [
      "worker-0;topology.kubernetes.io/zone=eu-west-1a,tier=web;",
      "worker-1;topology.kubernetes.io/zone=eu-west-1b,tier=web;",
      "gpu-0;topology.kubernetes.io/zone=eu-west-1a,accelerator=nvidia,example.com/tier=ml;dedicated=gpu:NoSchedule,busy:PreferNoSchedule",
      "gpu-1;topology.kubernetes.io/zone=eu-west-1b,accelerator=nvidia,example.com/tier=ml;dedicated=gpu:NoSchedule,busy:PreferNoSchedule",
    ].join(" "),
  );
});

test("workers of all pools share a role and a firewall group, and may call the load balancer (FT-08, FT-11)", () => {
  const [gpu, worker] = ["cluster_pool-gpu_0", "cluster_worker_0"].map((name) => named(stack, "aws_instance")[name]!);

  for (const shared of ["vpc_security_group_ids", "iam_instance_profile"])
    expect(gpu![shared]).toEqual(worker![shared]);
  expect(
    Object.keys(named(stack, "aws_vpc_security_group_ingress_rule"))
      .filter((name) => name.includes("_from-"))
      .sort(),
  ).toEqual(["gpu-0", "gpu-1", "worker-0", "worker-1"].map((name) => `cluster_api_from-${name}`));
});

test("a pool's zones offer its instance type too (FT-18)", () => {
  const types = Object.keys(
    hardWay({ workerPools: { gpu: { count: 1, instanceType: "g5.xlarge", firstHost: 60 } } }).data[
      "aws_ec2_instance_type_offerings"
    ]!,
  );

  expect(
    types
      .map(withoutHash)
      .filter((name) => name.startsWith("cluster_zone_"))
      .sort(),
  ).toEqual(["cluster_zone_g5-xlarge", "cluster_zone_t3-small"]);
});

test("a pool leaves every address of the cluster without it as it was (FT-15)", () => {
  const before = addresses(hardWay());
  const after = hardWay({ workerPools: { gpu: { count: 1, firstHost: 60 } } });

  expect(addresses(after)).toEqual(expect.arrayContaining(before));
  expect(Object.keys(resources(after, "aws_instance"))).toHaveLength(3);
});
