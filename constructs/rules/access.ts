import { isKnown } from "../core/known";
import { isCidr, prefixOf } from "./blocks";
import type { HardWaySettings } from "./hard-way-settings";
import { workerPools } from "./pools";
import { PRIVATE } from "./private";
import type { Rule } from "./rule";

const MOST_ADMIN_CIDRS = 25;
const TOO_MANY = Array.from({ length: MOST_ADMIN_CIDRS + 1 }, (_, index) => `198.51.100.${index}/32`);

/** From where people and Terraform reach the machines. */
export const ACCESS_RULES: readonly Rule<HardWaySettings>[] = [
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
    // No one has a larger block than a /8, and two of a /1 are everybody.
    accepts: (cidrs: readonly string[]) => cidrs.filter(isCidr).every((cidr) => prefixOf(cidr) >= 8),
    must: "must not open SSH and the API to the whole internet or much of it: no block larger than a /8",
    cure: "name the blocks that need them, or set allowOpenAdminCidrs",
    breaks: (good) => ({ ...good, adminCidrs: ["0.0.0.0/0"] }),
    variables: {
      admin_cidrs: {
        condition: 'alltrue([for cidr in var.admin_cidrs : try(tonumber(split("/", cidr)[1]) >= 8, true)])',
        breaks: '["0.0.0.0/0"]',
      },
    },
  },
  {
    id: "admin-cidrs-count",
    of: ({ adminCidrs }) => ({ adminCidrs }),
    accepts: (cidrs: readonly string[]) => cidrs.length <= MOST_ADMIN_CIDRS,
    must: `must be at most ${MOST_ADMIN_CIDRS} blocks, each of which takes two of the 60 rules of a security group`,
    cure: "name larger blocks, or that of a VPN",
    breaks: (good) => ({ ...good, adminCidrs: TOO_MANY }),
    variables: {
      admin_cidrs: {
        condition: `length(var.admin_cidrs) <= ${MOST_ADMIN_CIDRS}`,
        breaks: JSON.stringify(TOO_MANY),
      },
    },
  },
  {
    id: "api-callers",
    of: (settings) => {
      const { topology, apiExposure, adminCidrs, bastion } = settings;
      if (topology !== "public" || apiExposure !== "internet" || !isKnown(adminCidrs)) return {};
      const workers = Object.values(workerPools(settings)).reduce((sum, { count }) => sum + count, 0);
      const callers = workers + adminCidrs.length + (bastion === undefined ? 0 : 1);
      return { "workers.count, workerPools, adminCidrs and bastion": callers };
    },
    accepts: (callers: number) => callers <= 60,
    must: "must be at most 60 in all where workers with public addresses call an API that faces the internet, since each worker and each block has a rule in one security group, which takes 60",
    cure: "use fewer machines or larger blocks, or an internal API",
    breaks: (good) => ({ ...good, workers: { ...good.workers, count: 50 }, adminCidrs: TOO_MANY.slice(0, 11) }),
  },
  {
    id: "ssh-address",
    of: ({ sshAddress }) => ({ "ssh.address": sshAddress }),
    accepts: (address: string, { bastion, sshBastion, topology }) =>
      ["public", "private"].includes(address) ||
      (bastion === undefined && sshBastion === undefined
        ? address === "" && topology === "private"
        : address === "bastion"),
    must: "must be public or private, or bastion where the cluster has one",
    cure: "use private where Terraform runs inside the network",
    breaks: (good) => ({ ...good, sshAddress: "both" }),
    variables: {
      ssh_address: { condition: 'contains(["public", "private"], var.ssh_address)', breaks: "both" },
    },
  },
  {
    id: "private-ssh",
    of: ({ topology, sshAddress }) => ({ "ssh.address": topology === "private" ? sshAddress : undefined }),
    accepts: (address: string) => address !== "public",
    must: "must not be public where machines have no public address",
    cure: "leave it out, and run Terraform where the network is reached",
    breaks: (good) => ({ ...good, ...PRIVATE, sshAddress: "public" }),
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
];
