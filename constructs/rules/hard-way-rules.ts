import { Cidr, cidrProblem } from "../core/cidr";
import { RELEASES } from "../facts/versions";
import type { HardWaySettings, MachineGroupSettings } from "./hard-way-settings";
import type { Rule } from "./rule";

type HardWayRule = Rule<HardWaySettings>;

const isCidr = (text: string): boolean => cidrProblem(text) === undefined;
const blocks = (settings: HardWaySettings): Record<string, string> => ({
  networkCidr: settings.networkCidr,
  podCidr: settings.podCidr,
  serviceCidr: settings.serviceCidr,
});
const groups = (settings: HardWaySettings): Record<string, MachineGroupSettings> => ({
  controlPlane: settings.controlPlane,
  workers: settings.workers,
});
/** The values of one field of both groups, by path. */
const ofGroups = <Value>(settings: HardWaySettings, field: string, value: (group: MachineGroupSettings) => Value) =>
  Object.fromEntries(Object.entries(groups(settings)).map(([name, group]) => [`${name}.${field}`, value(group)]));
const lastHost = (group: MachineGroupSettings): number => group.firstHost + group.count - 1;
const prefixOf = (cidr: string): number => Cidr.parse(cidr).prefix;

const url = /^(https?:\/\/[^\s'"]+)?$/;
const mirrorVariable = (name: string) => ({
  condition: `can(regex("^(https?://[^\\\\s'\\"]+)?$", var.${name}))`,
  breaks: "ftp://mirror",
});

/** Every rule of a hard-way cluster. Order is the order of the problems in an error. */
export const HARD_WAY_RULES: readonly HardWayRule[] = [
  {
    id: "cluster-name",
    of: ({ clusterName }) => ({ clusterName }),
    accepts: (name: string) => /^[a-z]([a-z0-9-]{0,18}[a-z0-9])?$/.test(name),
    must: "must be 1 to 20 lower-case letters, digits and hyphens and begin with a letter, because AWS ends a load balancer's name at 32",
    cure: "use a shorter name such as prod-eu",
    breaks: (good) => ({ ...good, clusterName: "a-name-of-more-than-twenty" }),
  },
  {
    id: "kubernetes-version",
    of: ({ kubernetesVersion }) => ({ kubernetesVersion }),
    accepts: (version: string) => RELEASES.some((release) => release.kubernetes === version),
    must: `must be one of ${RELEASES.map((release) => release.kubernetes).join(", ")}, the versions that are tested`,
    cure: "leave it out for the newest",
    breaks: (good) => ({ ...good, kubernetesVersion: "1.21.0" }),
  },
  {
    id: "region",
    of: ({ region }) => ({ region }),
    accepts: (region: string) => /^[a-z]{2}(-[a-z]+)+-[0-9]$/.test(region),
    must: "must be the code of an AWS region",
    cure: "write it as in eu-west-1",
    breaks: (good) => ({ ...good, region: "Ireland" }),
    variables: {
      region: { condition: 'can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))', breaks: "Ireland" },
    },
  },
  {
    id: "cidr",
    of: blocks,
    accepts: isCidr,
    must: "must be an IPv4 CIDR without host bits",
    cure: "write the network's first address and its length, such as 10.200.0.0/16",
    breaks: (good) => ({ ...good, podCidr: "10.200.0.1/16" }),
  },
  {
    id: "network-size",
    of: ({ networkCidr }) => ({ networkCidr }),
    accepts: (cidr: string) => !isCidr(cidr) || (prefixOf(cidr) >= 16 && prefixOf(cidr) <= 26),
    must: "must be a /16 to a /26: AWS has no larger VPC, and a smaller one has no room for the fixed addresses",
    cure: "use a block such as 10.240.0.0/24",
    breaks: (good) => ({ ...good, networkCidr: "10.240.0.0/15" }),
  },
  {
    id: "service-size",
    of: ({ serviceCidr }) => ({ serviceCidr }),
    accepts: (cidr: string) => !isCidr(cidr) || (prefixOf(cidr) >= 12 && prefixOf(cidr) <= 24),
    must: "must be a /12 to a /24: kube-apiserver takes no larger one, and DNS has the tenth address",
    cure: "use a block such as 10.32.0.0/24",
    breaks: (good) => ({ ...good, serviceCidr: "10.32.0.0/28" }),
  },
  {
    id: "cidrs-apart",
    of: (settings) => {
      const known = Object.entries(blocks(settings)).filter(([, cidr]) => isCidr(cidr));
      return Object.fromEntries(
        known.flatMap(([a, x], index) => known.slice(index + 1).map(([b, y]) => [`${a} and ${b}`, [x, y]])),
      );
    },
    accepts: ([a, b]: [string, string]) => !Cidr.parse(a).overlaps(Cidr.parse(b)),
    must: "must not overlap, because an address would then be a machine's, a pod's and a service's at once",
    cure: "move one of them, for example to 10.32.0.0/24",
    breaks: (good) => ({ ...good, serviceCidr: "10.240.0.0/24" }),
  },
  {
    id: "pod-blocks",
    of: ({ podCidr }) => ({ podCidr }),
    accepts: (cidr: string, { workers }) =>
      !isCidr(cidr) || (prefixOf(cidr) <= 24 && 2 ** (24 - prefixOf(cidr)) >= workers.count),
    must: "must hold a /24 for each worker",
    cure: "use a /16 such as 10.200.0.0/16",
    breaks: (good) => ({ ...good, podCidr: "10.200.0.0/24" }),
  },
  {
    id: "control-plane-odd",
    of: ({ controlPlane }) => ({ "controlPlane.count": controlPlane.count }),
    accepts: (count: number) => [1, 3, 5, 7].includes(count),
    must: "must be 1, 3, 5 or 7, so that etcd keeps a majority",
    cure: "use 3",
    breaks: (good) => ({ ...good, controlPlane: { ...good.controlPlane, count: 2 } }),
  },
  {
    id: "worker-count",
    of: ({ workers }) => ({ "workers.count": workers.count }),
    accepts: (count: number) => Number.isInteger(count) && count >= 1 && count <= 50,
    must: "must be 1 to 50, because a VPC route table takes 50 routes without a quota raise",
    cure: "use 3",
    breaks: (good) => ({ ...good, workers: { ...good.workers, count: 0 } }),
  },
  {
    id: "instance-size",
    of: (settings) => ofGroups(settings, "instanceType", (group) => group.instanceType),
    accepts: (type: string) => /^[a-z0-9-]+\.[a-z0-9-]+$/.test(type) && !/\.(nano|micro)$/.test(type),
    must: "must have at least 2 vCPUs and 2 GiB of memory, below which the API server starves",
    cure: "use t3.small or larger",
    breaks: (good) => ({ ...good, workers: { ...good.workers, instanceType: "t3.nano" } }),
  },
  {
    id: "addresses-inside",
    of: (settings) => ofGroups(settings, "firstHost", (group) => group.firstHost),
    accepts: (first: number, settings) => {
      if (!isCidr(settings.networkCidr)) return true;
      const size = Number(Cidr.parse(settings.networkCidr).size);
      const begins = Object.values(groups(settings)).filter((group) => group.firstHost === first);
      return Number.isInteger(first) && first >= 4 && begins.every((group) => lastHost(group) < size - 1);
    },
    must: "must leave every machine of the group inside the subnet and off its first four and its last address, which AWS keeps",
    cure: "use 10 for the control plane and 20 for the workers",
    breaks: (good) => ({ ...good, controlPlane: { ...good.controlPlane, firstHost: 1 } }),
  },
  {
    id: "machines-apart",
    of: ({ controlPlane, workers }) => ({
      "controlPlane and workers": [
        controlPlane.firstHost,
        lastHost(controlPlane),
        workers.firstHost,
        lastHost(workers),
      ],
    }),
    accepts: ([a, b, c, d]: [number, number, number, number]) => b < c || d < a,
    must: "must have addresses of their own",
    cure: "begin the workers after the last controller, for example at 20",
    breaks: (good) => ({ ...good, workers: { ...good.workers, firstHost: good.controlPlane.firstHost + 1 } }),
  },
  {
    id: "admin-cidrs",
    of: ({ adminCidrs }) => ({ adminCidrs }),
    accepts: (cidrs: readonly string[]) => cidrs.length > 0 && cidrs.every(isCidr),
    must: "must name at least one IPv4 CIDR, without host bits, from which people reach SSH and the API",
    cure: "write your office's or VPN's block, or your own address with /32",
    breaks: (good) => ({ ...good, adminCidrs: [] }),
    variables: {
      admin_cidrs: {
        condition:
          'length(var.admin_cidrs) > 0 && alltrue([for cidr in var.admin_cidrs : can(cidrnetmask(cidr)) && try(cidrhost(cidr, 0) == split("/", cidr)[0], false)])',
        breaks: "[]",
      },
    },
  },
  {
    id: "admin-cidrs-open",
    of: ({ adminCidrs, allowOpenAdminCidrs }) => ({ adminCidrs: allowOpenAdminCidrs ? undefined : adminCidrs }),
    accepts: (cidrs: readonly string[]) => !cidrs.some((cidr) => cidr.endsWith("/0")),
    must: "must not open SSH and the API to the whole internet",
    cure: "name the blocks that need them, or set allowOpenAdminCidrs",
    breaks: (good) => ({ ...good, adminCidrs: ["0.0.0.0/0"] }),
    variables: {
      admin_cidrs: {
        condition: 'alltrue([for cidr in var.admin_cidrs : !endswith(cidr, "/0")])',
        breaks: '["0.0.0.0/0"]',
      },
    },
  },
  {
    id: "ssh-address",
    of: ({ sshAddress }) => ({ "ssh.address": sshAddress }),
    accepts: (address: string) => ["public", "private"].includes(address),
    must: "must be public or private",
    cure: "use private where Terraform runs inside the network",
    breaks: (good) => ({ ...good, sshAddress: "both" }),
    variables: {
      ssh_address: { condition: 'contains(["public", "private"], var.ssh_address)', breaks: "both" },
    },
  },
  {
    id: "ssh-timeout",
    of: ({ sshTimeout }) => ({ "ssh.timeout": sshTimeout }),
    accepts: (timeout: string) => /^[1-9][0-9]*[sm]$/.test(timeout),
    must: "must be a number of seconds or minutes",
    cure: "write it as in 5m",
    breaks: (good) => ({ ...good, sshTimeout: "soon" }),
    variables: {
      ssh_timeout: { condition: 'can(regex("^[1-9][0-9]*[sm]$", var.ssh_timeout))', breaks: "soon" },
    },
  },
  {
    id: "mirror",
    of: ({ downloadMirror, imageMirror, packageMirror }) => ({
      "mirrors.downloads": downloadMirror,
      "mirrors.images": imageMirror,
      "mirrors.packages": packageMirror,
    }),
    accepts: (mirror: string) => url.test(mirror),
    must: "must be empty or an http(s) URL",
    cure: "write it as in https://mirror.example.com",
    breaks: (good) => ({ ...good, imageMirror: "mirror.example.com" }),
    variables: {
      download_mirror: mirrorVariable("download_mirror"),
      image_mirror: mirrorVariable("image_mirror"),
      package_mirror: mirrorVariable("package_mirror"),
    },
  },
  {
    id: "checksums",
    of: ({ checksums }) => ({ checksums }),
    accepts: (sums: Readonly<Record<string, string>>) => Object.values(sums).every((sum) => /^[0-9a-f]{64}$/.test(sum)),
    must: "must map URLs without their scheme to sha256 sums of 64 hexadecimal digits",
    cure: "take them from the publisher, or from sha256sum of the files in your mirror",
    breaks: (good) => ({ ...good, checksums: { "dl.k8s.io/kubelet": "abc" } }),
    variables: {
      checksums: {
        condition: 'alltrue([for sum in values(var.checksums) : can(regex("^[0-9a-f]{64}$", sum))])',
        breaks: '{"dl.k8s.io/kubelet":"abc"}',
      },
    },
  },
  {
    id: "early-renewal",
    of: ({ earlyRenewalHours, validityHours }) => ({
      "certificates.earlyRenewalHours": [earlyRenewalHours, validityHours],
    }),
    accepts: ([early, validity]: [number, number]) => early >= 0 && early < validity,
    must: "must be below certificates.validityHours, or every apply would issue every certificate anew",
    cure: "use 720 of 8760",
    breaks: (good) => ({ ...good, earlyRenewalHours: 8760 }),
  },
];
