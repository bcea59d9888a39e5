import { STAGES } from "../constructs";
import managed from "./managed-policies.json";
import { addressesOfNodes } from "./node-addresses";
import { machinesOf, nodeGroupsOf, subnetsOf, type Machine, type NodeGroup, type Subnet } from "./places";
import type { Stack } from "./stack";
import { known, namesIn, pathOf, tagged, text, type Block } from "./stack";

export interface Section {
  readonly title: string;
  readonly says: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** What a stack is going to be, for people: everything is read from the Terraform and from the table of stages. */
export interface Plan {
  readonly name: string;
  readonly says: string;
  readonly subnets: readonly Subnet[];
  readonly machines: readonly Machine[];
  readonly nodeGroups: readonly NodeGroup[];
  readonly sections: readonly Section[];
}

export function planOf(stack: Stack): Plan {
  const [subnets, machines, nodeGroups] = [subnetsOf(stack), machinesOf(stack), nodeGroupsOf(stack)];
  const sections = [
    traffic(stack),
    addresses(subnets, machines, nodeGroups),
    addressesOfNodes(stack, nodeGroups),
    fixed(machines),
    certificates(stack),
    roles(stack),
    managedPolicies(stack),
    costs(stack, machines, nodeGroups),
    created(stack),
    variables(stack),
    versions(stack),
    renewals(stack),
  ].filter(({ rows }) => rows.length > 0);
  const resources = stack.types.reduce((sum, [, count]) => sum + count, 0);
  const many = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;
  const inside =
    machines.length > 0
      ? many(machines.length, "machine")
      : `an EKS control plane and ${many(nodeGroups.length, "node group")}`;
  const says = `${many(resources, "resource")} of Terraform: ${inside} in ${many(subnets.length, "subnet")}.`;
  return { name: stack.name, says, subnets, machines, nodeGroups, sections };
}

const byColumns = (a: readonly string[], b: readonly string[]): number => (a.join("\t") < b.join("\t") ? -1 : 1);
const portOf = ({ ip_protocol: protocol, from_port: from, to_port: to }: Block): string => {
  if (protocol === "-1") return "all";
  if (from === undefined || from === -1) return text(protocol);
  return `${text(protocol)} ${from === to ? text(from) : `${text(from)}–${text(to)}`}`;
};

function traffic(stack: Stack): Section {
  const group = (of: unknown): string => {
    const found = stack.referred(of, "aws_security_group");
    return found === undefined ? known(of, "a group of EKS") : tagged(found[1]) || found[0];
  };
  const other = (rule: Block): string => {
    if (rule["referenced_security_group_id"] !== undefined) return group(rule["referenced_security_group_id"]);
    const variable = /var\.(\w+)/.exec(text(rule["for_each"] ?? rule["cidr_ipv4"]))?.[1];
    return variable === undefined ? known(rule["cidr_ipv4"] ?? rule["prefix_list_id"], "its public address") : variable;
  };
  const rules = (direction: "ingress" | "egress"): string[][] =>
    stack.all(`aws_vpc_security_group_${direction}_rule`).map(([, rule]) => {
      const [own, far] = [group(rule["security_group_id"]), other(rule)];
      return [...(direction === "ingress" ? [far, own] : [own, far]), portOf(rule), text(rule["description"] ?? "")];
    });
  return {
    title: "Who may talk to whom",
    says: "Everything else is dropped; answers to what is allowed come back by themselves.",
    head: ["From", "To", "Port", "Why"],
    rows: [...rules("ingress"), ...rules("egress")].sort(byColumns),
  };
}

/** Addresses of each subnet that AWS keeps. */
const RESERVED = 5;

function addresses(subnets: readonly Subnet[], machines: readonly Machine[], groups: readonly NodeGroup[]): Section {
  return {
    title: "Addresses and capacity",
    says: "AWS keeps five addresses of each subnet. Nodes of EKS take more than one each, which the next table counts: a group's most is shared by its subnets.",
    head: ["Subnet", "Block", "Zone", "Addresses", "Machines", "Left", "Nodes at most"],
    rows: subnets.map((subnet) => {
      const size = subnet.cidr === "" ? 0 : 2 ** (32 - Number(subnet.cidr.split("/")[1]));
      const there = machines.filter((machine) => machine.subnet === subnet.id).length;
      const most = groups.filter((group) => group.subnets.includes(subnet.id)).map(({ name, max }) => `${name} ${max}`);
      const left = size === 0 ? "" : String(size - RESERVED - there);
      return [subnet.name, subnet.cidr, subnet.zone, String(size || ""), String(there), left, most.join(", ")];
    }),
  };
}

const fixed = (machines: readonly Machine[]): Section => ({
  title: "Machines",
  says: "Addresses are fixed: a machine that is replaced has the same one.",
  head: ["Machine", "Address", "Type", "Root volume", "Pods"],
  rows: machines.map(({ name, address, type, volumeGiB, pods }) => [name, address, type, `${volumeGiB} GiB`, pods]),
});

const days = (hours: unknown): string => `${Math.round(Number(hours) / 24)} days`;
const listed = (values: unknown): string =>
  ((values ?? []) as unknown[]).map((value) => known(value, "the load balancer's name")).join(", ");
const subjectOf = (block: Block | undefined): string => {
  const [subject = {}] = (block?.["subject"] ?? []) as readonly Block[];
  const parts = { CN: subject["common_name"], O: subject["organization"] };
  return Object.entries(parts)
    .flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${text(value)}`]))
    .join(", ");
};

function certificates(stack: Stack): Section {
  const lasts = (block: Block): string =>
    `${days(block["validity_period_hours"])}, new from ${days(block["early_renewal_hours"])} before the end`;
  const authorities = stack
    .all("tls_self_signed_cert")
    .map(([, block]) => [subjectOf(block), "itself", "", lasts(block)]);
  const issued = stack.all("tls_locally_signed_cert").map(([, block]) => {
    const request = stack.referred(block["cert_request_pem"], "tls_cert_request")?.[1];
    const names = [listed(request?.["dns_names"]), listed(request?.["ip_addresses"])].filter(Boolean).join(", ");
    return [
      subjectOf(request),
      subjectOf(stack.referred(block["ca_cert_pem"], "tls_self_signed_cert")?.[1]),
      names,
      lasts(block),
    ];
  });
  return {
    title: "Certificates",
    says: "Counted from the apply that issues them; the next apply after a renewal is due issues anew.",
    head: ["Subject", "Signed by", "Names and addresses", "Lasts"],
    rows: [...authorities.sort(byColumns), ...issued.sort(byColumns)],
  };
}

const policyName = (arn: unknown): string =>
  text(arn)
    .replace(/^.*:policy\//, "")
    .replace(/["}]+$/, "");

function roles(stack: Stack): Section {
  const documents = (value: unknown): string[] => {
    const found = stack.referred(value, "data.aws_iam_policy_document")?.[1];
    const statements = (found?.["statement"] ??
      (/^\s*\{/.test(text(value)) ? (JSON.parse(text(value)) as Block)["Statement"] : [])) as Block[];
    return statements.flatMap((statement) => (statement["actions"] ?? statement["Action"] ?? []) as string[] | string);
  };
  return {
    title: "IAM",
    says: "What AWS's own policies allow is told in the next table.",
    head: ["Role", "Managed policies", "Actions of its own"],
    rows: stack
      .all("aws_iam_role")
      .map(([name, role]) => {
        const of = (type: string): Block[] =>
          stack
            .all(type)
            .filter(([, block]) => namesIn(block["role"], "aws_iam_role").includes(name))
            .map(([, block]) => block);
        const managed = of("aws_iam_role_policy_attachment").map(({ policy_arn: arn }) => {
          const own = stack.referred(arn, "aws_iam_policy");
          return own === undefined ? policyName(arn) : documents(own[1]["policy"]).join(", ");
        });
        const actions = of("aws_iam_role_policy").flatMap(({ policy }) => documents(policy));
        return [
          known(role["name_prefix"] ?? role["name"], pathOf(role).join("/")).replace(/-$/, ""),
          managed.sort().join(", ") || "none",
          actions.sort().join(", ") || "none",
        ];
      })
      .sort(byColumns),
  };
}

function managedPolicies(stack: Stack): Section {
  const names = stack
    .all("aws_iam_role_policy_attachment")
    .filter(([, { policy_arn: arn }]) => stack.referred(arn, "aws_iam_policy") === undefined)
    .map(([, { policy_arn: arn }]) => policyName(arn));
  const table: Readonly<Record<string, { version: string; actions: string[] }>> = managed.policies;
  return {
    title: "What AWS's own policies allow",
    says: `As ${managed.source} has them; AWS changes them without a plan of ours, and says at the address what they allow today.`,
    head: ["Policy", "Version", "Actions", "Today"],
    rows: [...new Set(names)].sort().map((name) => {
      const { version, actions } = table[name] ?? { version: "", actions: ["not known here"] };
      const reference = `https://docs.aws.amazon.com/aws-managed-policy/latest/reference/${name.split("/").at(-1)}.html`;
      return [name, version, actions.join(", "), reference];
    }),
  };
}

/** Hours of a month, as AWS bills them. */
const HOURS = 730;

function costs(stack: Stack, machines: readonly Machine[], groups: readonly NodeGroup[]): Section {
  const count = (values: readonly string[]): [string, number][] =>
    [...new Set(values)].sort().map((value) => [value, values.filter((other) => other === value).length]);
  const hours = (what: string, many: number): string[] => [what, String(many), `${many * HOURS} hours`];
  const rows = [
    ...count(machines.map(({ type }) => type)).map(([type, many]) => hours(`EC2 ${type}`, many)),
    ...groups.map(({ name, types, min, max }) => [
      `EC2 ${types.join(" or ")}, group ${name}`,
      `${min} to ${max}`,
      `${min * HOURS} to ${max * HOURS} hours`,
    ]),
  ];
  const volumes = machines.reduce((sum, { volumeGiB }) => sum + volumeGiB, 0);
  if (volumes > 0) rows.push(["EBS gp3, root volumes", String(machines.length), `${volumes} GiB`]);
  for (const { name, volumeGiB, min, max } of groups)
    rows.push([`EBS gp3, group ${name}`, `${min} to ${max}`, `${min * volumeGiB} to ${max * volumeGiB} GiB`]);
  const isPublic = machines.filter(({ publicAddress }) => publicAddress).length;
  if (isPublic > 0) rows.push(hours("public IPv4 addresses of machines", isPublic));
  const DRIVERS: readonly [type: string, what: string, also: string][] = [
    ["aws_eks_cluster", "EKS control plane", ""],
    ["aws_lb", "network load balancer", " and capacity units by traffic"],
    ["aws_nat_gateway", "NAT gateway", " and GiB that pass it"],
    ["aws_eip", "Elastic IP address", ""],
    ["aws_vpc_endpoint", "VPC endpoint, in each of its subnets", " and GiB that pass it"],
    ["aws_kms_key", "KMS key", " and calls"],
    ["aws_cloudwatch_log_group", "CloudWatch log group", " and GiB written and kept"],
    ["aws_flow_log", "VPC flow log", " and GiB written and kept"],
    ["aws_route53_zone", "Route 53 zone", " and queries"],
    ["aws_route53_resolver_endpoint", "Route 53 Resolver endpoint, by its addresses", " and queries"],
  ];
  for (const [type, what, also] of DRIVERS) {
    const many = stack.all(type).length;
    if (many > 0) rows.push([what, String(many), `${many * HOURS} hours${also}`]);
  }
  if (rows.length > 0) rows.push(["traffic between zones and to the internet", "", "GiB"]);
  return {
    title: "What costs by the month",
    says: `Counted, not priced: prices are AWS's and the region's. A month is ${HOURS} hours.`,
    head: ["What", "How many", "In a month"],
    rows,
  };
}

const created = (stack: Stack): Section => ({
  title: "What is created",
  says: "Resources of Terraform, by type; those with for_each count once.",
  head: ["Type", "How many"],
  rows: stack.types.map(([type, many]) => [type, String(many)]),
});

const variables = (stack: Stack): Section => ({
  title: "Variables, and what a change of them does",
  says: "Everything else is changed in the source, and a plan tells what that does.",
  head: ["Variable", "Meaning and change"],
  rows: stack.variables.map(([name, { description }]) => [name, text(description ?? "")]).sort(byColumns),
});

/** The machines on which each stage runs again that a test finds, in the order of events. */
function stagesThat(stack: Stack, concerns: (triggers: Block) => boolean): string {
  const hit = stack
    .all("null_resource")
    .filter(([, { triggers = {} }]) => concerns(triggers as Block))
    .map(([, block]) => pathOf(block).slice(-2));
  const runs = STAGES.map(({ name }) => ({
    name,
    machines: hit.filter(([stage]) => stage === `stage-${name}`).map(([, machine]) => machine!),
  }));
  return runs
    .flatMap(({ name, machines }) => (machines.length === 0 ? [] : [`${name} on ${machines.join(", ")}`]))
    .join("; ");
}

function versions(stack: Stack): Section {
  const environments = stack
    .all("null_resource")
    .map(([, { triggers }]) => text((triggers as Block | undefined)?.["env"] ?? ""));
  const found = new Set(
    environments.flatMap((env) => [...env.matchAll(/^([A-Z_]+_VERSION)='([^']*)'$/gm)].map(([line]) => line)),
  );
  const own = [...found].sort().map((line) => {
    const [name = "", version = ""] = line.split("=");
    const again = stagesThat(stack, ({ env }) =>
      text(env ?? "")
        .split("\n")
        .includes(line),
    );
    return [name.replace("_VERSION", "").replaceAll("_", " ").toLowerCase(), version.replaceAll("'", ""), again];
  });
  const addons = stack
    .all("aws_eks_addon")
    .map(([, { addon_name: name, addon_version: version }]) => [
      `add-on ${text(name)}`,
      known(version, "as EKS names it for its Kubernetes version"),
      "EKS updates its pods in place",
    ]);
  return {
    title: "What another version restarts",
    says: "A stage that runs again restarts what it installs, on its machines at the same time; machines stay, and pods go on.",
    head: ["Version of", "Now", "Runs again"],
    rows: [...own, ...addons.sort(byColumns)],
  };
}

function renewals(stack: Stack): Section {
  const rows = ["tls_self_signed_cert", "tls_locally_signed_cert"].flatMap((type) =>
    stack.all(type).map(([name, block]) => {
      const request = stack.referred(block["cert_request_pem"], "tls_cert_request")?.[1] ?? block;
      const again = stagesThat(stack, ({ files }) =>
        namesIn(files, "local").some((local) => namesIn(stack.local(local), type).includes(name)),
      );
      return [subjectOf(request), again || "nothing: it is handed out as an output alone"];
    }),
  );
  return {
    title: "What a renewed certificate restarts",
    says: "A new authority signs everything below it anew, and all of that is restarted too.",
    head: ["Certificate", "Runs again"],
    rows: rows.sort(byColumns),
  };
}
