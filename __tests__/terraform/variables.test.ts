import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HARD_WAY_RULES } from "../../constructs";
import { CORPORATE } from "../support/hybrid";
import { synthMain } from "../support/main-stack";
import { modules } from "../support/modules";
import { Terraform } from "../support/terraform";

const scratch = mkdtempSync(join(tmpdir(), "variables-"));
let terraform: Terraform;

// The variables of the stacks alone, as they were synthesised: Terraform judges them without provider or account.
beforeAll(async () => {
  writeFileSync(join(scratch, "network.json"), JSON.stringify(CORPORATE));
  await synthMain(join(scratch, "out"), undefined, { HYBRID_NETWORK: join(scratch, "network.json") });
  const of = (stack: string): object =>
    (JSON.parse(readFileSync(join(scratch, "out", "stacks", stack, "cdk.tf.json"), "utf8")) as { variable: object })
      .variable;
  await modules(join(scratch, "modules"));
  const ofModule = (kind: string): object =>
    (JSON.parse(readFileSync(join(scratch, "modules", kind, "variables.tf.json"), "utf8")) as { variable: object })
      .variable;
  const configuration = { kind: "hybrid", network: CORPORATE, existingBastion: true };
  writeFileSync(join(scratch, "bastion.yaml"), JSON.stringify(configuration));
  await modules("--config", join(scratch, "bastion.yaml"), "--out", join(scratch, "modules", "hybrid"));
  const variable = {
    ...of("hybrid"),
    ...ofModule("hybrid"),
    ...ofModule("hard-way"),
    ...of("hard-way"),
  };
  writeFileSync(join(scratch, "variables.tf.json"), JSON.stringify({ variable }));
  terraform = new Terraform(scratch);
}, 60_000);
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const GOOD: Readonly<Record<string, string>> = {
  region: "eu-west-1",
  cluster_name: "prod",
  admin_cidrs: '["198.51.100.0/24"]',
  proxy_url: "http://proxy.corp.example:3128",
  proxy_user: "machine",
  proxy_password: "secret",
  ssh_bastion_host: "bastion.corp.example",
  ssh_bastion_user: "jump",
  ssh_bastion_private_key: "secret",
  ssh_bastion_host_keys: '["ssh-ed25519 AAAAC3Nz"]',
  ssh_bastion_cidr: "10.1.2.4/32",
};
/** What Terraform says of GOOD with one value changed: the first paragraph of each complaint. */
async function complaints(change: Readonly<Record<string, string>>): Promise<string[]> {
  const values = Object.entries({ ...GOOD, ...change }).map(([name, value]) => `-var=${name}=${value}`);
  return (await terraform.complaints(...values)).map(({ detail }) => detail.split("\n")[0]!);
}

const SENTENCES = {
  cluster_name:
    "cluster_name must be 1 to 20 lower-case letters, digits and hyphens, begin with a letter and not with internal- or sg-: AWS ends a load balancer's name at 32 and keeps those for itself; use a shorter name such as prod-eu.",
  region: "region must be the code of an AWS region; write it as in eu-west-1.",
  admin_cidrs:
    "admin_cidrs must name at least one IPv4 CIDR, without host bits, from which people reach SSH and the API; write your office's or VPN's block, or your own address with /32.",
  open: "admin_cidrs must not open SSH and the API to the whole internet or much of it: no block larger than a /8; name the blocks that need them, or set allowOpenAdminCidrs.",
  count:
    "admin_cidrs must be at most 25 blocks, each of which takes two of the 60 rules of a security group; name larger blocks, or that of a VPN.",
  ssh_address:
    "ssh_address must be public or private, or bastion where the cluster has one; use private where Terraform runs inside the network.",
  ssh_timeout: "ssh_timeout must be a number of seconds or minutes; write it as in 5m.",
  download_mirror: "download_mirror must be empty or an http(s) URL; write it as in https://mirror.example.com.",
  image_mirror: "image_mirror must be empty or an http(s) URL; write it as in https://mirror.example.com.",
  package_mirror: "package_mirror must be empty or an http(s) URL; write it as in https://mirror.example.com.",
  proxy_url:
    "proxy_url must be the http or https URL of a proxy, with its port and without a user, since it stands in plans; write it as in http://proxy.corp.example:3128, and its user in proxy.credentials.",
  ids: "must have the form of ids of VPCs, subnets and route tables: vpc-, subnet- or rtb- and 8 to 17 hexadecimal digits; copy it from the VPC console, or from the output of the Terraform that made it.",
  tables:
    "route_table_ids must name each route table once, since a table takes one route to the pods of a worker; take the second one out.",
  network_cidr:
    "network_cidr must be an IPv4 CIDR without host bits; write the network's first address and its length, such as 10.200.0.0/16.",
  apart:
    "network_cidr and 10.200.0.0/16 of pods or 10.32.0.0/24 of services must not overlap, because an address would then be a machine's, a pod's and a service's at once; generate the module with other ones.",
  inside:
    "subnets must have a block without host bits inside that of the network, or firewall rules would not know its machines; write the blocks as the VPC console shows them.",
  room: "subnets must leave every machine of the group inside its subnet and off the subnet's first four and its last address, which AWS keeps; the last machine has number 22 here.",
  bastion_host:
    "ssh_bastion_host must be a name or an address, without user and port; write it as in bastion.corp.example, its user in ssh.bastion.user and its port in ssh.bastion.port.",
  bastion_port: "ssh_bastion_port must be a port, 1 to 65535; leave it out for 22.",
  bastion_user: "ssh_bastion_user must be the name of a user there; write it as in ec2-user.",
  bastion_host_keys:
    "ssh_bastion_host_keys must be the public keys of an SSH server, ssh-ed25519, ssh-rsa, ecdsa-sha2-nistp256 or -nistp384, one of a type, or anybody could answer as the bastion; read them there, by cat /etc/ssh/ssh_host_*_key.pub.",
  bastion_cidr:
    "ssh_bastion_cidr must be an IPv4 CIDR without host bits, no larger than a /8; write the bastion's own address with /32.",
  checksums:
    "checksums must map URLs without their scheme to sha256 sums of 64 hexadecimal digits; take them from the publisher, or from sha256sum of the files in your mirror.",
};

const numberOf = (name: string): string =>
  `${name} must be 2 in number, as the module was generated; generate it again for another number.`;
const subnets = (...cidrs: readonly string[]): string =>
  `[${cidrs.map((cidr, index) => `{id="subnet-0123456789abcdef${index}",cidr="${cidr}",availability_zone="eu-west-1${"abc"[index]}"}`).join(",")}]`;

const BAD: readonly [variable: string, value: string, sentence: string][] = [
  ["cluster_name", "a-name-of-more-than-twenty", SENTENCES.cluster_name],
  ["cluster_name", "sg-blue", SENTENCES.cluster_name],
  ["cluster_name", "internal", SENTENCES.cluster_name],
  ["region", "Ireland", SENTENCES.region],
  ["region", "", SENTENCES.region],
  ["region", "eu-west-1a", SENTENCES.region],
  ["admin_cidrs", "[]", SENTENCES.admin_cidrs],
  ["admin_cidrs", '["198.51.100.7"]', SENTENCES.admin_cidrs],
  ["admin_cidrs", '["198.51.100.7/24"]', SENTENCES.admin_cidrs],
  ["admin_cidrs", '["198.51.100.0/24","anywhere"]', SENTENCES.admin_cidrs],
  ["admin_cidrs", '["2001:db8::/32"]', SENTENCES.admin_cidrs],
  ["admin_cidrs", '["0.0.0.0/0"]', SENTENCES.open],
  ["admin_cidrs", '["198.51.100.0/24","0.0.0.0/0"]', SENTENCES.open],
  ["admin_cidrs", JSON.stringify(Array.from({ length: 26 }, (_, index) => `198.51.100.${index}/32`)), SENTENCES.count],
  ["ssh_address", "both", SENTENCES.ssh_address],
  ["ssh_address", "", SENTENCES.ssh_address],
  ["ssh_timeout", "soon", SENTENCES.ssh_timeout],
  ["ssh_timeout", "300", SENTENCES.ssh_timeout],
  ["ssh_timeout", "0s", SENTENCES.ssh_timeout],
  ["ssh_bastion_host", "ec2-user@bastion.corp.example", SENTENCES.bastion_host],
  ["ssh_bastion_host", "bastion:22", SENTENCES.bastion_host],
  ["ssh_bastion_port", "0", SENTENCES.bastion_port],
  ["ssh_bastion_port", "22.5", SENTENCES.bastion_port],
  ["ssh_bastion_user", "", SENTENCES.bastion_user],
  ["ssh_bastion_user", "a\tb", SENTENCES.bastion_user],
  ["ssh_bastion_host_keys", "[]", SENTENCES.bastion_host_keys],
  ["ssh_bastion_host_keys", '["bastion ssh-ed25519 AAAAC3Nz"]', SENTENCES.bastion_host_keys],
  ["ssh_bastion_host_keys", '["ssh-ed25519 AAAA","ssh-ed25519 AAAB"]', SENTENCES.bastion_host_keys],
  ["ssh_bastion_host_keys", '["ecdsa-sha2-nistp521 AAAA"]', SENTENCES.bastion_host_keys],
  ["ssh_bastion_cidr", "0.0.0.0/0", SENTENCES.bastion_cidr],
  ["ssh_bastion_cidr", "10.1.2.4/24", SENTENCES.bastion_cidr],
  ["download_mirror", "ftp://mirror", SENTENCES.download_mirror],
  ["download_mirror", "http://it's", SENTENCES.download_mirror],
  ["download_mirror", "http://a mirror", SENTENCES.download_mirror],
  ["image_mirror", "ftp://mirror", SENTENCES.image_mirror],
  ["package_mirror", "ftp://mirror", SENTENCES.package_mirror],
  ["proxy_url", "proxy.corp.example:3128", SENTENCES.proxy_url],
  ["proxy_url", "http://machine:secret@proxy.corp.example:3128", SENTENCES.proxy_url],
  ["vpc_id", "corporate", `vpc_id ${SENTENCES.ids}`],
  ["vpc_id", "subnet-0123456789abcdef0", `vpc_id ${SENTENCES.ids}`],
  ["route_table_ids", '["main"]', `route_table_ids ${SENTENCES.ids}`],
  ["route_table_ids", '["rtb-0123456789abcdef0","rtb-0123456789abcdef0"]', SENTENCES.tables],
  ["route_table_ids", '["rtb-0123456789abcdef0"]', numberOf("route_table_ids")],
  [
    "subnets",
    subnets("172.20.0.0/24", "172.20.1.0/24").replace("1b", "1a"),
    "subnets must each be in a zone of its own, since a load balancer takes one for each.",
  ],
  ["subnets", '[{id="private-a",cidr="172.20.0.0/24",availability_zone="eu-west-1a"}]', `subnets ${SENTENCES.ids}`],
  [
    "subnets",
    '[{id="subnet-0123456789abcdef0",cidr="10.241.0.0/24",availability_zone="eu-west-1a"}]',
    SENTENCES.inside,
  ],
  ["subnets", subnets("172.20.0.0/24"), numberOf("subnets")],
  ["subnets", subnets("172.20.0.0/24", "172.20.1.0"), SENTENCES.inside],
  ["subnets", subnets("172.20.0.0/24", "172.20.1.1/24"), SENTENCES.inside],
  ["subnets", subnets("172.20.0.0/24", "172.0.0.0/8"), SENTENCES.inside],
  ["subnets", subnets("172.20.0.0/24", "172.20.1.0/28"), SENTENCES.room],
  ["network_cidr", "172.20.0.1/16", SENTENCES.network_cidr],
  ["network_cidr", "corporate", SENTENCES.network_cidr],
  ["network_cidr", "172.21.0.0/16", SENTENCES.inside],
  ["checksums", '{"dl.k8s.io/kubelet":"abc"}', SENTENCES.checksums],
  ["checksums", '{"dl.k8s.io/kubelet":""}', SENTENCES.checksums],
];

test.each(BAD)("rejects %s = %s with its rule's sentence", async (variable, value, sentence) => {
  const found = await complaints({ [variable]: value });

  // One too few is told beside what else is wrong with those that there are.
  expect(found.filter((one) => one === sentence || one !== numberOf(variable))).toEqual([sentence]);
});

test("the breaking value of every rule's variable is among those that are tried", () => {
  const rows = HARD_WAY_RULES.flatMap(({ variables = {} }) =>
    Object.entries(variables).map(([name, { breaks }]) => `${name} ${breaks}`),
  );

  expect(BAD.map(([name, value]) => `${name} ${value}`)).toEqual(expect.arrayContaining(rows));
});

test.each(["10.200.0.0/24", "10.192.0.0/10", "10.32.0.0/16", "10.32.0.128/25"])(
  "rejects network_cidr = %s, which has addresses of pods or services (FT-01)",
  async (cidr) => {
    const [address, prefix] = cidr.split("/");
    const inside = subnets(`${address}/${Math.max(26, Number(prefix))}`, `${address}/${Math.max(26, Number(prefix))}`);

    expect(await complaints({ network_cidr: cidr, subnets: inside })).toEqual([SENTENCES.apart]);
  },
);

test("rejects all bad values at once, each with its sentence", async () => {
  const found = await complaints({ region: "Ireland", admin_cidrs: "[]", ssh_timeout: "soon", image_mirror: "mirror" });

  expect(found.sort()).toEqual([
    SENTENCES.admin_cidrs,
    SENTENCES.image_mirror,
    SENTENCES.region,
    SENTENCES.ssh_timeout,
  ]);
});

test.each(["region", "admin_cidrs"])("rejects a plan without %s, which nobody can guess (F-10)", async (name) => {
  const values = Object.entries(GOOD).flatMap(([given, value]) => (given === name ? [] : [`-var=${given}=${value}`]));

  expect((await terraform.complaints(...values)).map(({ summary }) => summary)).toEqual([
    "No value for required variable",
  ]);
});

test.each<[string, string]>([
  ["region", "eu-west-1"],
  ["region", "ap-northeast-1"],
  ["region", "us-gov-west-1"],
  ["admin_cidrs", '["198.51.100.0/24","203.0.113.7/32"]'],
  ["admin_cidrs", '["10.0.0.0/8"]'],
  ["subnets", subnets("172.20.0.0/27", "172.20.255.224/27")],
  ["network_cidr", "172.20.0.0/23"],
  ["network_cidr", "172.16.0.0/12"],
  ["ssh_address", "private"],
  ["ssh_timeout", "90s"],
  ["ssh_bastion_host", "2001:db8::4"],
  ["ssh_bastion_user", "jump@corp.example"],
  ["ssh_bastion_host_keys", '["ssh-rsa AAAAB3Nz root@bastion","ecdsa-sha2-nistp256 AAAAE2Vj=="]'],
  ["download_mirror", ""],
  ["download_mirror", "http://mirror.example.com:8080/path"],
  ["image_mirror", "https://mirror.example.com"],
  ["package_mirror", "http://mirror.example.com/debian"],
  ["checksums", "{}"],
  ["checksums", `{"dl.k8s.io/kubelet":"${"0f".repeat(32)}"}`],
])("accepts %s = %s", async (variable, value) => {
  expect(await complaints({ [variable]: value })).toEqual([]);
});
