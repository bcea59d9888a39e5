import { known, namesIn, pathOf, tagged, text, type Block, type Stack } from "./stack";

export interface Subnet {
  /** Terraform's name of it. */
  readonly id: string;
  readonly name: string;
  /** Empty where only Terraform knows it. */
  readonly cidr: string;
  readonly zone: string;
}
export interface Machine {
  readonly name: string;
  /** What machines of its like are called. */
  readonly pool: string;
  readonly address: string;
  readonly type: string;
  readonly volumeGiB: number;
  readonly publicAddress: boolean;
  /** Block of its pods, where it has one. */
  readonly pods: string;
  readonly subnet: string;
}
export interface NodeGroup {
  readonly name: string;
  readonly types: readonly string[];
  readonly min: number;
  readonly max: number;
  readonly volumeGiB: number;
  readonly subnets: readonly string[];
}

/** What a module's caller says of a subnet, as `subnets.0`. */
const variableOf = (value: unknown): string | undefined => /^\$\{var\.([\w.]+)\.id\}$/.exec(text(value))?.[1];
/** Of an address in a block that the caller says. */
const numberOf = (value: unknown): string | undefined => {
  const [, number] = /^\$\{cidrhost\(.*, (\d+)\)\}$/.exec(text(value)) ?? [];
  return number === undefined ? undefined : `.${number}`;
};

const natural = new Intl.Collator("en", { numeric: true }).compare;

/** Subnets that are made, then those that are there. */
export function subnetsOf(stack: Stack): Subnet[] {
  const made = stack.all("aws_subnet").map(([id, block]) => ({
    id,
    name: pathOf(block).at(-1) ?? id,
    cidr: known(block["cidr_block"], ""),
    zone: known(block["availability_zone"], "chosen at plan"),
  }));
  const there = stack.data("aws_subnet").map(([id, block]) => {
    const [, cidr = "", zone = ""] =
      /self\.cidr_block == \\"([^"\\]+)\\" && self\.availability_zone == \\"([^"\\]+)\\"/.exec(JSON.stringify(block)) ??
      [];
    return {
      path: pathOf(block).join("/"),
      subnet: { id, name: known(block["id"], variableOf(block["id"]) ?? id), cidr, zone },
    };
  });
  return [
    ...made.sort((a, b) => natural(a.name, b.name)),
    ...there.sort((a, b) => natural(a.path, b.path)).map(({ subnet }) => subnet),
  ];
}

const volume = (device: unknown): number => Number((device as Block | undefined)?.["volume_size"] ?? 0);

export function machinesOf(stack: Stack): Machine[] {
  const blocks = new Map(
    stack.all("null_resource").flatMap(([, { triggers }]) => {
      const env = text((triggers as Block | undefined)?.["env"] ?? "");
      const [, name] = /^NODE_NAME='([^']*)'$/m.exec(env) ?? [];
      const [, pods] = /^POD_NETWORK=[^]*^POD_CIDR='([^']*)'$/m.exec(env) ?? [];
      return name === undefined || pods === undefined ? [] : [[name, pods] as const];
    }),
  );
  return stack
    .all("aws_instance")
    .map(([id, block]) => {
      const name = tagged(block).split(".")[0] || id;
      const type = stack.referred(block["instance_type"], "data.aws_ec2_instance_type")?.[1] ?? block;
      return {
        name,
        pool: name.replace(/-\d+$/, ""),
        address: known(block["private_ip"], numberOf(block["private_ip"]) ?? "from its subnet"),
        type: known(type["instance_type"], "?"),
        volumeGiB: volume(block["root_block_device"]),
        publicAddress: block["associate_public_ip_address"] === true,
        pods: blocks.get(name) ?? "",
        subnet: namesIn(block["subnet_id"], "aws_subnet")[0] ?? namesIn(block["subnet_id"], "data.aws_subnet")[0] ?? "",
      };
    })
    .sort((a, b) => natural(a.name, b.name));
}

export function nodeGroupsOf(stack: Stack): NodeGroup[] {
  const subnets = (value: unknown): string[] => [...namesIn(value, "aws_subnet"), ...namesIn(value, "data.aws_subnet")];
  const typesOf = (group: Block, template: Block | undefined): string[] => {
    const text = JSON.stringify([group, template ?? {}]);
    return [...new Set([...text.matchAll(/"instance_types?":\[?"([^"]+)"/g)].map(([, type]) => type!))];
  };
  const groups = ["aws_autoscaling_group", "aws_eks_node_group"].flatMap((kind) =>
    stack.all(kind).map(([, group]) => {
      const template = stack.referred(
        group["launch_template"] ?? group["mixed_instances_policy"],
        "aws_launch_template",
      )?.[1];
      const [device] = (template?.["block_device_mappings"] ?? []) as readonly Block[];
      const scaling = (group["scaling_config"] ?? group) as Block;
      return {
        name: pathOf(group)
          .at(-1)!
          .replace(/^group-/, ""),
        types: typesOf(group, template),
        min: Number(scaling["min_size"]),
        max: Number(scaling["max_size"]),
        volumeGiB: volume(device?.["ebs"]),
        subnets: subnets(group["vpc_zone_identifier"] ?? group["subnet_ids"]),
      };
    }),
  );
  return groups.sort((a, b) => natural(a.name, b.name));
}
