import { Lazy, TerraformVariable } from "cdktf";
import type { HardWayClusterProps } from "../../constructs";
import { hardWaySettings } from "../../constructs/clusters/hard-way-defaults";
import { WELL_FORMED } from "../../constructs/rules/form";
import { cluster, hardWay } from "../support/hard-way";
import { only } from "../support/resources";
import { synth } from "../support/synth";

test("what is not said is as in the guides, on machines that are large enough (FT-05, FT-14, FT-15)", () => {
  const settings = hardWaySettings({ clusterName: "blue", adminCidrs: ["198.51.100.0/24"] });

  expect(settings).toEqual({
    form: WELL_FORMED,
    checksums: expect.any(Object) as object,
    clusterName: "blue",
    kubernetesVersion: "1.36.3",
    topology: "public",
    nat: "none",
    apiExposure: "internet",
    bastion: undefined,
    access: "ssh",
    ssmAgent: false,
    policies: {},
    permissionsBoundary: undefined,
    inlinePolicies: {},
    instanceProfiles: {},
    containerRegistry: undefined,
    logs: undefined,
    flowLogs: undefined,
    gatewayRoutes: undefined,
    networkCidr: "10.240.0.0/24",
    availabilityZones: 1,
    podNetwork: "vpc-routes",
    podCidr: "10.200.0.0/16",
    serviceCidr: "10.32.0.0/24",
    controlPlane: { count: 3, instanceType: "t3.small", firstHost: 10 },
    workers: { count: 3, instanceType: "t3.small", firstHost: 20, labels: {}, taints: [] },
    workerPools: {},
    adminCidrs: ["198.51.100.0/24"],
    allowOpenAdminCidrs: false,
    sshAddress: "public",
    sshTimeout: "5m",
    sshBastion: undefined,
    downloadMirror: "",
    imageMirror: "",
    packageMirror: "",
    healthCheck: "https",
    kubeProxyMode: "iptables",
    certificateAlgorithm: "RSA",
    validityHours: 8760,
    earlyRenewalHours: 720,
    extraArguments: {},
    kubeletConfiguration: {},
    containerdConfiguration: "",
  });
});

test.each(["amd64", "arm64"] as const)("the sums are those that are published for %s (FT-42)", (architecture) => {
  const { checksums } = hardWaySettings({ clusterName: "blue", adminCidrs: [], architecture });

  expect(Object.keys(checksums).filter((path) => path.includes(architecture))).toHaveLength(9);
});

test("workers of another version bring the published sums of theirs (FT-42)", () => {
  const { checksums } = hardWaySettings({
    clusterName: "blue",
    adminCidrs: [],
    workers: { kubernetesVersion: "1.35.4" },
  });

  expect(Object.keys(checksums).filter((path) => /v1\.3[56]\.\d\/bin\/linux\/amd64\/kubelet$/.test(path))).toEqual([
    "dl.k8s.io/release/v1.35.4/bin/linux/amd64/kubelet",
    "dl.k8s.io/release/v1.36.3/bin/linux/amd64/kubelet",
  ]);
});

test("part of a machine group leaves the rest as it is by default", () => {
  const { workers } = hardWaySettings({ clusterName: "blue", adminCidrs: [], workers: { count: 5 } });

  expect(workers).toEqual({ count: 5, instanceType: "t3.small", firstHost: 20, labels: {}, taints: [] });
});

test("rejects every bad prop at once, a line for each (FT-18, FT-55)", () => {
  const bad: Partial<HardWayClusterProps> = {
    clusterName: "Blue",
    kubernetesVersion: "1.9.0",
    podCidr: "10.240.0.0/16",
    controlPlane: { count: 2, instanceType: "t3.nano" },
    adminCidrs: [],
    ssh: { timeout: "5" },
  };

  expect(() => hardWay(bad)).toThrow(
    new Error(`hard-way cluster 'cluster' has 7 problems:
  - clusterName "Blue" must be 1 to 20 lower-case letters, digits and hyphens, begin with a letter and not with internal- or sg-: AWS ends a load balancer's name at 32 and keeps those for itself; use a shorter name such as prod-eu
  - kubernetesVersion "1.9.0" must be one of 1.34.4, 1.35.4, 1.36.3, the versions whose files and sums are known; leave it out for the newest
  - networkCidr and podCidr ["10.240.0.0/24","10.240.0.0/16"] must not overlap, because an address would then be a machine's, a pod's and a service's at once; move one of them, for example to 10.32.0.0/24
  - controlPlane.count 2 must be 1, 3, 5 or 7, so that etcd keeps a majority; use 3
  - controlPlane.instanceType "t3.nano" must have at least 2 vCPUs and 2 GiB of memory, below which the API server starves; use t3.small or larger
  - adminCidrs [] must name at least one IPv4 CIDR, without host bits, from which people reach SSH and the API; write your office's or VPN's block, or your own address with /32
  - ssh.timeout "5" must be a number of seconds or minutes; write it as in 5m`),
  );
});

test("rejects the whole internet as admins unless it is asked for (FT-09)", () => {
  expect(() => hardWay({ adminCidrs: ["0.0.0.0/0"] })).toThrow("must not open SSH and the API to the whole internet");
  expect(() => hardWay({ adminCidrs: ["0.0.0.0/0"], allowOpenAdminCidrs: true })).not.toThrow();
});

test("leaves to Terraform what only Terraform knows (FT-09, FT-19)", () => {
  const stack = synth((scope) => {
    const admin = new TerraformVariable(scope, "admin_cidrs", { type: "list(string)" }).listValue;
    const later = (value: string): string => Lazy.stringValue({ produce: () => value });
    cluster(scope, {
      adminCidrs: admin,
      ssh: { address: later("both"), timeout: later("soon") },
      mirrors: { downloads: later("ftp://mirror"), images: later("mirror"), packages: later("mirror") },
    });
  });

  expect(only(stack, "aws_vpc")).toBeDefined();
});
