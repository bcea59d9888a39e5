import { TerraformVariable, Token } from "cdktf";
import { HybridCluster, type ExistingBastion, type HardWayClusterProps } from "../../constructs";
import { cluster, hardWay, SMALL, stage, stages } from "../support/hard-way";
import { CORPORATE } from "../support/hybrid";
import { dependencies, named, withoutHash } from "../support/resources";
import { synth, type Synthesised } from "../support/synth";

const KEYS = ["ecdsa-sha2-nistp256 AAAAE2Vj", "ssh-ed25519 AAAAC3Nz root@bastion"];
const THERE = {
  host: "bastion.corp.example",
  port: 2222,
  user: "jump",
  hostKeys: KEYS,
  securityGroupId: "sg-0123456789abcdef0",
};
const corporate = (bastion: Partial<ExistingBastion> = THERE, props: Partial<HardWayClusterProps> = {}): Synthesised =>
  synth((stack) => {
    const privateKey = new TerraformVariable(stack, "bastion_key", { sensitive: true }).stringValue;
    const ssh = { ...props.ssh, bastion: { ...THERE, privateKey, ...bastion } };
    const common = { ...SMALL, network: CORPORATE, proxy: { url: "http://10.1.2.3:3128" } };
    new HybridCluster(stack, "cluster", { ...common, ...props, ssh });
  });
const stack = corporate();
const rule = (of: Synthesised, role: string) =>
  named(of, "aws_vpc_security_group_ingress_rule")[`cluster_bastion-access_${role}`];
const connection = (of: Synthesised, name: `${string}/${string}`): Record<string, string> =>
  stage(of, name).connection as Record<string, string>;
const unhashed = (text: string): string => text.replaceAll(/_[0-9A-F]{8}\b/g, "");

test("every stage goes through the bastion that is there, with its user, key and port (FT-94, FT-19)", () => {
  const all = Object.values(stages(stack)).map((block) => block.connection as Record<string, unknown>);

  expect(all.length).toBeGreaterThan(5);
  for (const one of all)
    expect(one).toMatchObject({
      bastion_host: "bastion.corp.example",
      bastion_port: 2222,
      bastion_user: "jump",
      bastion_private_key: "${var.bastion_key}",
      user: "admin",
      agent: "false",
    });
  expect(connection(stack, "worker/worker-0").host).toBe("172.20.0.20");
});

test("bastion and machine are each held to their own keys, by a Terraform of before 1.16 too (FT-19)", () => {
  const { host_key, bastion_host_key } = connection(stack, "ssh-host-key/worker-0");
  const key = (name: string): string => `\${trimspace(tls_private_key.cluster_${name}.public_key_openssh)}`;

  expect(bastion_host_key).toBe(KEYS.join("\n[bastion.corp.example]:2222 "));
  expect(unhashed(host_key!).split("\n")).toEqual([
    key("ssh-nobody"),
    `172.20.0.20 ${key("worker_ssh-host-key-0_first")}`,
    `172.20.0.20 ${key("worker_ssh-host-key-0_lasting")}`,
    ...KEYS.map((one) => `[bastion.corp.example]:2222 ${one}`),
  ]);
  expect(unhashed(connection(stack, "worker/worker-0").host_key!)).not.toContain("first");
});

test("everything of it may be Terraform's, also the list of its keys (FT-94)", () => {
  const variable = (scope: ConstructorParameters<typeof TerraformVariable>[0], name: string, type = "string") =>
    new TerraformVariable(scope, name, { type });
  const later = synth((scope) => {
    const bastion = {
      host: variable(scope, "host").stringValue,
      port: variable(scope, "port", "number").numberValue,
      user: variable(scope, "user").stringValue,
      privateKey: variable(scope, "key").stringValue,
      hostKeys: variable(scope, "keys", "list(string)").listValue,
      cidr: variable(scope, "cidr").stringValue,
    };
    new HybridCluster(scope, "cluster", {
      ...SMALL,
      network: CORPORATE,
      proxy: { url: "http://10.1.2.3:3128" },
      ssh: { bastion },
    });
  });
  const { bastion_host_key, host_key } = connection(later, "worker/worker-0");

  expect(unhashed(bastion_host_key!)).toBe("${join(local.cluster_ssh-bastion-line, var.keys)}");
  expect(Object.entries(later.locals).find(([name]) => name.startsWith("cluster_ssh-bastion-line"))![1]).toBe(
    "\n[${var.host}]:${var.port} ",
  );
  expect(unhashed(host_key!).split("\n").at(-1)).toBe(
    "[${var.host}]:${var.port} ${join(local.cluster_ssh-bastion-line, var.keys)}",
  );
});

test("machines let SSH in from its group, or from its block, and wait for that (FT-08, FT-94)", () => {
  expect(rule(stack, "worker")).toMatchObject({
    ip_protocol: "tcp",
    from_port: 22,
    to_port: 22,
    referenced_security_group_id: "sg-0123456789abcdef0",
  });
  expect(rule(stack, "worker")).not.toHaveProperty("cidr_ipv4");
  expect(rule(corporate({ securityGroupId: undefined, cidr: "10.1.2.4/32" } as object), "control-plane")).toMatchObject(
    {
      cidr_ipv4: "10.1.2.4/32",
    },
  );
  expect(dependencies(stage(stack, "ssh-host-key/worker-0"))).toContain(
    "aws_vpc_security_group_ingress_rule.cluster_bastion-access_worker",
  );
});

test("a block that people come from too is let in once, and Terraform looks where it alone knows (FT-08, FT-94)", () => {
  const from = (cidr: string, adminCidrs: string[]): Synthesised =>
    corporate({ securityGroupId: undefined, cidr } as object, { adminCidrs });
  const later = synth((scope) => {
    const list = new TerraformVariable(scope, "admin_cidrs", { type: "list(string)" }).listValue;
    const cidr = new TerraformVariable(scope, "cidr", {}).stringValue;
    const privateKey = new TerraformVariable(scope, "bastion_key", {}).stringValue;
    cluster(scope, {
      adminCidrs: list,
      ssh: { bastion: { ...THERE, securityGroupId: undefined, cidr, privateKey } as object as ExistingBastion },
    });
  });

  expect(rule(from("10.1.2.4/32", ["10.1.2.0/24", "10.1.2.4/32"]), "worker")).toBeUndefined();
  expect(rule(from("10.1.2.4/32", ["10.1.2.0/24"]), "worker")).toMatchObject({ cidr_ipv4: "10.1.2.4/32" });
  expect(rule(from("10.1.2.4/32", ["10.1.2.0/24"]), "worker")).not.toHaveProperty("count");
  expect(rule(later, "worker")).toMatchObject({ count: "${contains(var.admin_cidrs, var.cidr) ? 0 : 1}" });
});

test("takes a user of a directory, a group of another account's peered VPC, and 22 where no port is said (FT-94)", () => {
  const other = corporate({
    user: "jump@corp.example",
    securityGroupId: "123456789012/sg-0123456789abcdef0",
    port: undefined,
  } as object);

  expect(connection(other, "worker/worker-0")).toMatchObject({ bastion_user: "jump@corp.example", bastion_port: 22 });
  expect(connection(other, "worker/worker-0").host_key).toContain("[bastion.corp.example]:22 ");
  expect(rule(other, "worker")).toMatchObject({ referenced_security_group_id: "123456789012/sg-0123456789abcdef0" });
});

test("nobody else is let in by SSH where people come in otherwise (FT-94)", () => {
  const closed = corporate(THERE, { access: "none" });
  const to22 = Object.entries(named(closed, "aws_vpc_security_group_ingress_rule")).filter(
    ([, block]) => block.from_port === 22,
  );

  expect(to22.map(([name]) => withoutHash(name))).toEqual([
    "cluster_bastion-access_control-plane",
    "cluster_bastion-access_worker",
  ]);
});

test("its key is in connections alone: in no trigger, output or user data (LD-14)", () => {
  const withoutConnections = JSON.stringify(JSON.parse(stack.json), (name, value: unknown) =>
    name === "connection" ? undefined : value,
  );

  expect(withoutConnections).not.toContain("var.bastion_key");
});

test("public machines too are reached through it, at their private addresses (FT-94)", () => {
  const made = synth((scope) => {
    const privateKey = new TerraformVariable(scope, "bastion_key", {}).stringValue;
    cluster(scope, { ssh: { bastion: { ...THERE, privateKey } } });
  });

  expect(connection(made, "worker/worker-0")).toMatchObject({ host: "10.240.0.20", bastion_host: THERE.host });
});

test("a cluster without one stays as it was (FT-94)", () => {
  expect(hardWay().json).not.toMatch(/bastion|ssh-nobody/);
});

test.each<[string, Partial<ExistingBastion>, string]>([
  ["a user in its host", { host: "jump@bastion" }, 'ssh.bastion.host "jump@bastion" must be a name or an address'],
  ["no port", { port: 70000 }, "ssh.bastion.port 70000 must be a port, 1 to 65535"],
  ["no key to know it by", { hostKeys: [] }, "ssh.bastion.hostKeys [] must be the public keys of an SSH server"],
  ["a second key of a type", { hostKeys: [KEYS[1]!, "ssh-ed25519 AAAAC3Ny"] }, "one of a type"],
  ["a key of the type that nobody shows", { hostKeys: ["ecdsa-sha2-nistp521 AAAA"] }, "ssh.bastion.hostKeys"],
  ["a line of known_hosts", { hostKeys: [`bastion ${KEYS[0]}`] }, "ssh.bastion.hostKeys"],
  ["a group and a block", { cidr: "10.1.2.4/32" }, "ssh.bastion.cidr and ssh.bastion.securityGroupId 2 must be one"],
  [
    "a block of everybody",
    { cidr: "0.0.0.0/0", securityGroupId: undefined } as object,
    'ssh.bastion.cidr "0.0.0.0/0" must',
  ],
  ["a key in plain text", { privateKey: "SECRET" }, 'ssh.bastion.privateKey "***" must come from Terraform'],
])("refuses %s (FT-94, FT-97)", (_, bastion, sentence) => {
  expect(() => corporate(bastion)).toThrow(sentence);
  expect(() => corporate(bastion)).not.toThrow("SECRET");
});

test("refuses it beside a bastion that the cluster makes, and where SSH does not go through it (FT-94, FT-97)", () => {
  expect(() => corporate(THERE, { ssh: { address: "private" } })).toThrow(
    'ssh.address "private" must be bastion where ssh.bastion is named',
  );
  expect(() =>
    hardWay({
      ...{ topology: "private", nat: "single", bastion: {} },
      ssh: { bastion: { ...THERE, host: "${var.bastion}", privateKey: Token.asString({}) } },
    }),
  ).toThrow('bastion ["instanceType"] must not be given beside ssh.bastion, since Terraform goes through one of them');
});
