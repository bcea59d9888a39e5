import type { HardWaySettings } from "./hard-way-settings";
import { PRIVATE } from "./private";
import type { Rule } from "./rule";

/** What faces the internet, and how the rest gets out. */
export const TOPOLOGY_RULES: readonly Rule<HardWaySettings>[] = [
  {
    id: "topology",
    also: ["type"],
    of: ({ topology }) => ({ topology }),
    accepts: (topology: string) => ["public", "private"].includes(topology),
    must: "must be public or private",
    cure: "use private for machines without public addresses",
    breaks: (good) => ({ ...good, topology: "hybrid" as "private", sshAddress: "private" }),
  },
  {
    id: "nat",
    also: ["type"],
    of: ({ nat }) => ({ nat }),
    accepts: (nat: string, { topology }) =>
      nat === "none" || (topology !== "public" && ["single", "per-zone"].includes(nat)),
    must: "must be none, single or per-zone, and none where machines have public addresses of their own",
    cure: "leave it out, or make the topology private",
    breaks: (good) => ({ ...good, nat: "single" }),
  },
  {
    id: "api-exposure",
    also: ["type"],
    of: ({ apiExposure }) => ({ apiExposure }),
    accepts: (exposure: string, { topology, nat }) =>
      exposure === "internal" || (exposure === "internet" && (topology !== "private" || nat !== "none")),
    must: "must be internet or internal, and internal where machines have neither public addresses nor NAT, or no kubelet could reach the API",
    cure: "use internal, or give private machines NAT",
    breaks: (good) => ({ ...good, ...PRIVATE, apiExposure: "internet" }),
  },
  {
    id: "bastion-type",
    of: ({ bastion }) => ({ "bastion.instanceType": bastion?.instanceType }),
    accepts: (type: string) => /^[a-z0-9-]+\.[a-z0-9-]+$/.test(type),
    must: "must be an instance type",
    cure: "use t3.micro",
    breaks: (good) => ({ ...good, bastion: { instanceType: "small" } }),
  },
  {
    id: "bootstrap-path",
    of: ({ topology, bastion, sshAddress }) =>
      topology === "private" && bastion === undefined ? { "ssh.address": sshAddress } : {},
    accepts: (address: string) => address !== "",
    must: "must say how Terraform reaches machines that have no public address, and there is no bastion",
    cure: "add a bastion or name one in ssh.bastion, or say private where Terraform runs inside the network",
    breaks: (good) => ({ ...good, ...PRIVATE, sshAddress: "" }),
  },
];
