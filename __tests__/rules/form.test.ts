import { readFileSync } from "node:fs";
import { Fn } from "cdktf";
import { EksCluster, HardWayCluster, HybridCluster, type HardWayClusterProps } from "../../constructs";
import { FORMS_PATH, propForms } from "../support/prop-forms";
import { synth } from "../support/synth";

// What TypeScript says of props, said to those who write JavaScript.
const hardWay = (props: object) => () => synth((stack) => void new HardWayCluster(stack, "c", props as never));
const eks = (props: object) => () => synth((stack) => void new EksCluster(stack, "c", props as never));
const hybrid = (props: object) => () => synth((stack) => void new HybridCluster(stack, "c", props as never));

test("what is known of props is what their types say; npm run schema writes it (FT-97)", () => {
  expect(readFileSync(FORMS_PATH, "utf8")).toBe(propForms());
}, 120_000);

test("tells unknown keys, with the nearest that is known, missing ones and wrong types beside everything else (FT-97)", () => {
  expect(
    hardWay({
      clusterNam: "prod",
      adminCidrs: ["192.0.2.0/24"],
      networkCidr: 10,
      podCidr: "10.32.0.0/16",
      controlPlane: { count: 2, instancetype: "t3.small" },
      workerPools: { gpu: { count: 1 } },
      workers: { taints: [{ kye: "gpu", effect: "NoSchedule" }] },
    }),
  ).toThrow(
    `hard-way cluster 'c' has 9 problems:
  - clusterNam {"near":"clusterName"} must be a setting, and there is none of that name; write the near one if that is meant, or take it out
  - controlPlane.instancetype {"near":"instanceType"} must be a setting, and there is none of that name; write the near one if that is meant, or take it out
  - workers.taints[0].kye {"near":"key"} must be a setting, and there is none of that name; write the near one if that is meant, or take it out
  - clusterName {"type":"string"} must be given; add a value of that type
  - workerPools.gpu.firstHost {"type":"number"} must be given; add a value of that type
  - workers.taints[0].key {"type":"string"} must be given; add a value of that type
  - networkCidr {"given":"number","type":"string"} must be of that type; write it so
  - podCidr and serviceCidr ["10.32.0.0/16","10.32.0.0/24"] must not overlap`,
  );
});

test("does so for EKS, in groups and lists (FT-97)", () => {
  expect(
    eks({
      clusterName: "prod",
      nat: "double",
      managedGroups: { workers: { minimum: 2, spot: {} } },
      addons: { coredns: { versoin: "v1.13.1-eksbuild.1" }, "vpc-cni": false },
      access: { roles: [{ roleArn: "arn:aws:iam::123456789012:role/ops", username: "ops", groups: [] }] },
    }),
  ).toThrow(
    `EKS cluster 'c' has 6 problems:
  - managedGroups.workers.minimum {"near":"min"} must be a setting, and there is none of that name; write the near one if that is meant, or take it out
  - addons.coredns.versoin {"near":"version"} must be a setting, and there is none of that name; write the near one if that is meant, or take it out
  - access.roles[0].roleArn {"near":"rolearn"} must be a setting, and there is none of that name; write the near one if that is meant, or take it out
  - access.roles[0].rolearn {"type":"string"} must be given; add a value of that type
  - managedGroups.workers.spot {"given":"object","type":"boolean"} must be of that type; write it so
  - nat "double" must be none, single or per-zone; use single`,
  );
});

test("a hybrid cluster without its network is refused, and not made in one of its own (FT-85, FT-97)", () => {
  expect(
    hybrid({ clusterName: "prod", adminCidrs: ["192.0.2.0/24"], netwrok: {}, ssh: { address: "private" } }),
  ).toThrow(
    /netwrok \{"near":"\w+"\} must be a setting[^]*existingNetwork \{"given":"null","type":"object"\} must be of that type/,
  );
});

test("what Terraform alone knows has any type, and what is undefined is as good as not there (FT-97)", () => {
  const cidrs = Fn.split(",", "192.0.2.0/24");
  const given = { clusterName: Fn.lower("PROD"), adminCidrs: cidrs, colour: undefined, nat: undefined };

  expect(hardWay(given as unknown as HardWayClusterProps)).not.toThrow();
});

test("a network of a wrong type is refused, and no public one is made, also where Terraform alone knows its ids (FT-85, FT-97)", () => {
  const subnets = { id: Fn.lower("SUBNET"), cidr: "172.20.0.0/24", availabilityZone: "eu-west-1a" };
  const existingNetwork = { vpcId: Fn.lower("VPC"), cidr: "172.20.0.0/16", subnets, routeTableIds: [] };

  expect(hardWay({ clusterName: "prod", adminCidrs: ["192.0.2.0/24"], existingNetwork })).toThrow(
    'existingNetwork.subnets {"given":"object","type":"array"} must be of that type',
  );
});

test("a wrong type is told without the value, which may be a secret or a whole construct (FT-97)", () => {
  const given = { clusterName: "prod", adminCidrs: ["192.0.2.0/24"] };
  const credentials = { username: "ann", password: 4711 };

  expect(hardWay({ ...given, proxy: "http://ann:secret@proxy.corp.example:3128" })).toThrow(
    /problem:\n {2}- proxy \{"given":"string","type":"object"\} must be of that type; write it so$/,
  );
  expect(hardWay({ ...given, proxy: { url: "http://proxy.corp.example:3128", credentials } })).toThrow(
    /problem:\n {2}- proxy\.credentials\.password \{"given":"number","type":"string"\} must be of that type; write it so$/,
  );
  expect(() =>
    synth((stack) => void new HardWayCluster(stack, "c", { ...given, networkCidr: stack } as never)),
  ).toThrow('networkCidr {"given":"object","type":"string"} must be of that type');
});
