import type { HardWayClusterProps } from "../../constructs";
import { hardWay, stage, stages } from "../support/hard-way";
import { at, named, only, references, withoutHash } from "../support/resources";

const PRIVATE: Partial<HardWayClusterProps> = {
  topology: "private",
  nat: "per-zone",
  bastion: {},
  availabilityZones: ["eu-west-1a", "eu-west-1b"],
  workers: { count: 2 },
};
const closed = hardWay(PRIVATE);
const facing = hardWay({ ...PRIVATE, apiExposure: "internet" });
const rules = (stack: typeof closed): string[] =>
  Object.keys(named(stack, "aws_vpc_security_group_ingress_rule"))
    .map((name) => name.replace(/^cluster_(security-groups_)?/, ""))
    .sort();
/** To which subnets something belongs. */
const places = (value: unknown): string[] =>
  references(value)
    .map((address) => withoutHash(address).replace("aws_subnet.cluster_network_", ""))
    .sort();

test("private machines with NAT need no mirror and have no public address (FT-06, FT-13)", () => {
  const nodes = Object.entries(named(closed, "aws_instance")).filter(([name]) => name !== "cluster_bastion");

  expect(nodes.map(([, machine]) => machine.associate_public_ip_address as boolean)).toEqual([false, false, false]);
  expect(nodes.flatMap(([, machine]) => places(machine.subnet_id)).sort()).toEqual(["private", "private", "private-1"]);
});

test("pods have their way in every table: of each private zone, and of the public subnets (FT-53, F-28)", () => {
  const found = Object.entries(named(closed, "aws_route"))
    .filter(([name]) => name.includes("pod-routes"))
    .map(([, route]) => `${references(route.route_table_id).map(withoutHash)[0]} ${route.destination_cidr_block}`);

  expect(found.sort()).toEqual(
    ["public-table", "routes", "routes-1"].flatMap((table) =>
      ["10.200.0.0/24", "10.200.1.0/24"].map((block) => `aws_route_table.cluster_network_${table} ${block}`),
    ),
  );
});

describe("the API", () => {
  test("is internal for private machines, in their subnets, and workers reach it by their group (FT-13)", () => {
    expect(only(closed, "aws_lb")).toMatchObject({ internal: true, enable_cross_zone_load_balancing: true });
    expect(places(only(closed, "aws_lb").subnets)).toEqual(["private", "private-1"]);
    expect(rules(closed)).toContain("worker-balancer");
    expect(rules(closed).filter((name) => name.startsWith("api_from-"))).toEqual([]);
  });

  test("may face the internet all the same, from the public subnet of each zone (FT-10, FT-13)", () => {
    expect(only(facing, "aws_lb")).toMatchObject({ internal: false, enable_cross_zone_load_balancing: true });
    expect(places(only(facing, "aws_lb").subnets)).toEqual(["public", "public-1"]);
  });

  test("that faces the internet lets workers in from the addresses of their NAT gateways (FT-11, F-13)", () => {
    expect(rules(facing)).not.toContain("worker-balancer");
    expect(rules(facing).filter((name) => name.startsWith("api_from-"))).toEqual(["api_from-nat", "api_from-nat-1"]);
    expect(at(facing, "aws_vpc_security_group_ingress_rule", "cluster_api_from-nat-1")).toMatchObject({
      cidr_ipv4: expect.stringMatching(
        /^\$\{aws_eip\.cluster_network_nat_address-1_[0-9A-F]{8}\.public_ip\}\/32$/,
      ) as string,
      from_port: 6443,
      to_port: 6443,
    });
  });

  test("may be internal for public machines, who then reach it by their group (FT-13)", () => {
    const stack = hardWay({ apiExposure: "internal" });

    expect(only(stack, "aws_lb")).toMatchObject({ internal: true });
    expect(rules(stack).filter((name) => name.includes("balancer") || name.startsWith("api_from-"))).toEqual([
      "worker-balancer",
    ]);
  });

  test.each([closed, facing])(
    "never keeps the client's address, so a controller may be sent to itself (LD-10)",
    (stack) => {
      expect(only(stack, "aws_lb_target_group")).toMatchObject({ target_type: "ip", preserve_client_ip: "false" });
    },
  );
});

describe("the bastion", () => {
  const bastion = at(closed, "aws_instance", "cluster_bastion");

  test("is a small machine with a public address, in the first public subnet (FT-19)", () => {
    expect(bastion).toMatchObject({ associate_public_ip_address: true, tags: { Name: "bastion" } });
    expect(places(bastion.subnet_id)).toEqual(["public"]);
    expect(closed.data["aws_ec2_instance_type"]).toMatchObject(
      Object.fromEntries(
        Object.keys(closed.data["aws_ec2_instance_type"]!)
          .filter((name) => withoutHash(name) === "cluster_bastion_type")
          .map((name) => [name, { instance_type: "t3.micro" }]),
      ),
    );
  });

  test("asks for a token at the metadata service, has an encrypted disk and checks whose packets it gets", () => {
    expect(bastion).toMatchObject({
      metadata_options: { http_tokens: "required", http_put_response_hop_limit: 1 },
      root_block_device: { encrypted: true },
    });
    expect(bastion).not.toHaveProperty("source_dest_check");
  });

  test("has a firewall group of its own: SSH from people, and on from it SSH and the API (FT-08, FT-09)", () => {
    const opened = Object.entries(named(closed, "aws_vpc_security_group_ingress_rule")).filter(([name]) =>
      name.includes("bastion"),
    );

    expect(
      opened.map(([name, rule]) => [name.replace("cluster_security-groups_", ""), rule.from_port, rule.to_port]).sort(),
    ).toEqual([
      ["admin-ssh-bastion", 22, 22],
      ["bastion-api", 6443, 6443],
      ["bastion-ssh-control-plane", 22, 22],
      ["bastion-ssh-worker", 22, 22],
    ]);
    expect(references(bastion.vpc_security_group_ids).map(withoutHash)).toEqual([
      "aws_security_group.cluster_security-groups_bastion",
    ]);
  });

  test("is the bootstrap's path to private machines, without being told (FT-19, F-16)", () => {
    const connections = Object.values(stages(closed)).map(({ connection }) => connection as Record<string, string>);

    expect(connections.filter(({ bastion_host }) => bastion_host === undefined)).toEqual([]);
    expect(stage(closed, "worker/worker-1").connection).toMatchObject({
      host: "10.240.0.85",
      bastion_host: expect.stringMatching(/^\$\{aws_instance\.cluster_bastion_[0-9A-F]{8}\.public_ip\}$/) as string,
      bastion_user: "admin",
      bastion_private_key: expect.stringContaining("private_key_openssh") as string,
      agent: "false",
    });
  });

  test("is held to the key in its user data, by a Terraform that asks for it and by one that does not (FT-19)", () => {
    const key = (name: string): string => `\${trimspace(tls_private_key.${name}.public_key_openssh)}`;
    const unhashed = (text: string): string => text.replaceAll(/_[0-9A-F]{8}\b/g, "");
    const { host_key, bastion_host, bastion_host_key } = stage(closed, "worker/worker-1").connection as Record<
      string,
      string
    >;

    expect(bastion.user_data).toContain(`ecdsa_public: ${bastion_host_key}\n`);
    expect(unhashed(bastion_host_key!)).toBe(key("cluster_bastion_ssh-host-key"));
    expect(host_key!.split("\n").slice(1)).toEqual([`${bastion_host} ${bastion_host_key}`]);
    expect(unhashed(host_key!.split("\n")[0]!)).toBe(key("cluster_worker_ssh-host-key-1_lasting"));
    // Of another kind than the keys behind it: a client takes the first line of a kind for the only one.
    const kinds = ["bastion_ssh-host-key", "worker_ssh-host-key-1_first", "worker_ssh-host-key-1_lasting"].map(
      (name) => {
        const { algorithm, ecdsa_curve: curve } = at(closed, "tls_private_key", `cluster_${name}`);
        return `${algorithm as string} ${curve as string}`;
      },
    );
    expect(kinds).toEqual(["ECDSA P384", "ECDSA P256", "ED25519 undefined"]);
  });

  test("stands beside a path that is said to be another", () => {
    const stack = hardWay({ ...PRIVATE, ssh: { address: "private" } });

    expect(stage(stack, "worker/worker-1").connection).not.toHaveProperty("bastion_host");
    expect(stage(stack, "worker/worker-1").connection).toMatchObject({ host: "10.240.0.85" });
  });

  test("leaves a cluster without one as it was: no group, no rule, no machine (FT-08)", () => {
    expect(hardWay().json).not.toContain("bastion");
  });
});

test("fails for private machines without a path for the bootstrap, by the cure (FT-19)", () => {
  expect(() => hardWay({ topology: "private", nat: "single" })).toThrow(
    'ssh.address "" must say how Terraform reaches machines that have no public address, and there is no bastion; add a bastion or name one in ssh.bastion, or say private where Terraform runs inside the network',
  );
});
