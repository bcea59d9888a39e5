import { chdir, cwd } from "node:process";
import { tmpdir } from "node:os";
import { TerraformOutput, TerraformVariable } from "cdktf";
import { HardWayCluster, OPEN_FIREWALL_RULES, UBUNTU_2404 } from "../../constructs";
import { SMALL, cluster, env, files, hardWay, stage, stages } from "../support/hard-way";
import { all, at, named, references, resources, withoutHash } from "../support/resources";
import { addresses, synth } from "../support/synth";

const small = hardWay();
const guide = hardWay({ controlPlane: { count: 3 }, workers: { count: 3 } });

describe("machines", () => {
  test("controllers and workers have the addresses of the guides (FT-14, FT-15)", () => {
    const found = all(guide, "aws_instance").map(({ tags, private_ip }) => [
      (tags as { Name: string }).Name,
      private_ip as string,
    ]);

    expect(found).toEqual([
      ["controller-0", "10.240.0.10"],
      ["controller-1", "10.240.0.11"],
      ["controller-2", "10.240.0.12"],
      ["worker-0", "10.240.0.20"],
      ["worker-1", "10.240.0.21"],
      ["worker-2", "10.240.0.22"],
    ]);
  });

  test("none checks that packets are its own (FT-16, F-04)", () => {
    const checks = all(guide, "aws_instance").map(({ source_dest_check }) => source_dest_check as boolean);

    expect(checks).toEqual([false, false, false, false, false, false]);
  });

  test("each group has its own firewall group (FT-08)", () => {
    const found = Object.entries(named(small, "aws_instance")).map(([name, block]) => [
      name,
      references(block.vpc_security_group_ids).map(withoutHash),
    ]);

    expect(found).toEqual([
      ["cluster_control-plane_0", ["aws_security_group.cluster_security-groups_control-plane"]],
      ["cluster_worker_0", ["aws_security_group.cluster_security-groups_worker"]],
    ]);
  });

  test("controllers get no stage that would run a kubelet (FT-14)", () => {
    const onControllers = Object.keys(stages(guide)).filter((name) => name.endsWith("/controller-0"));

    expect(onControllers.sort()).toEqual([
      "control-plane-programs/controller-0",
      "control-plane/controller-0",
      "coredns/controller-0",
      "etcd/controller-0",
      "nodes/controller-0",
      "rbac/controller-0",
      "ssh-host-key/controller-0",
    ]);
  });

  test("the image is looked up, never named by an id (FT-17)", () => {
    expect(small.json).not.toMatch(/ami-[0-9a-f]{8}/);
    expect(references(all(small, "aws_instance")[0]!.ami).map(withoutHash)).toEqual(["data.aws_ami.cluster_image"]);
  });

  test("the image follows operating system and architecture (FT-17)", () => {
    const stack = hardWay({ operatingSystem: UBUNTU_2404, architecture: "arm64" });
    const [image] = Object.values(stack.data["aws_ami"]!);

    expect(image).toMatchObject({
      owners: ["099720109477"],
      filter: [
        { name: "name", values: ["ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-arm64-server-*"] },
        { name: "architecture", values: ["arm64"] },
        { name: "virtualization-type", values: ["hvm"] },
      ],
    });
  });

  test("AWS is asked about the size of both groups' types (FT-18, F-03)", () => {
    const stack = hardWay({ controlPlane: { count: 1, instanceType: "m7i.large" } });
    const types = Object.values(stack.data["aws_ec2_instance_type"]!).map(({ instance_type }) => instance_type);

    expect(types.sort()).toEqual(["m7i.large", "t3.small"]);
  });

  test("nothing scales by itself, since stages run on machines that are known (LD-13)", () => {
    expect(small.json).not.toContain("aws_autoscaling_group");
  });
});

describe("network", () => {
  test("each worker's pods have a route to it in the subnet's table (FT-53, F-14)", () => {
    const found = Object.entries(named(guide, "aws_route")).map(([name, { destination_cidr_block }]) => [
      name,
      destination_cidr_block as string,
    ]);

    expect(found).toEqual([
      ["cluster_network_internet", "0.0.0.0/0"],
      ["cluster_pod-routes_worker-0", "10.200.0.0/24"],
      ["cluster_pod-routes_worker-1", "10.200.1.0/24"],
      ["cluster_pod-routes_worker-2", "10.200.2.0/24"],
    ]);
  });

  test("a pod route ends at its worker's interface, in the table of the subnet (FT-53, F-05)", () => {
    expect(references(at(guide, "aws_route", "cluster_pod-routes_worker-1")).map(withoutHash)).toEqual([
      "aws_instance.cluster_worker_1",
      "aws_route_table.cluster_network_routes",
    ]);
  });

  test("the firewall speaks of the cluster's pods, network and admins (FT-08, FT-09)", () => {
    const stack = hardWay({
      firewallRules: OPEN_FIREWALL_RULES,
      podCidr: "10.201.0.0/16",
      networkCidr: "10.241.0.0/24",
    });
    const cidrs = all(stack, "aws_vpc_security_group_ingress_rule").map(({ cidr_ipv4 }) => cidr_ipv4 as string);

    expect([...new Set(cidrs)].filter((cidr) => cidr?.startsWith("10.")).sort()).toEqual([
      "10.201.0.0/16",
      "10.241.0.0/24",
    ]);
  });

  test("other admin blocks change five rules and nothing else (FT-09, F-13)", () => {
    const after = hardWay({ adminCidrs: ["203.0.113.7/32"] });
    const changed = Object.entries(small.resource).flatMap(([type, blocks]) =>
      Object.keys(blocks).filter(
        (name) => JSON.stringify(blocks[name]) !== JSON.stringify(resources(after, type)[name]),
      ),
    );

    expect(changed.map(withoutHash)).toEqual([
      "cluster_security-groups_admin-api",
      "cluster_security-groups_admin-ping-control-plane",
      "cluster_security-groups_admin-ping-worker",
      "cluster_security-groups_admin-ssh-control-plane",
      "cluster_security-groups_admin-ssh-worker",
    ]);
  });

  test("every worker may call the load balancer (FT-11, F-13)", () => {
    const rules = Object.keys(named(guide, "aws_vpc_security_group_ingress_rule")).filter((name) =>
      name.includes("_from-"),
    );

    expect(rules).toEqual(["cluster_api_from-worker-0", "cluster_api_from-worker-1", "cluster_api_from-worker-2"]);
  });

  test("the API has three targets (FT-11)", () => {
    const targets = all(guide, "aws_lb_target_group_attachment").map(({ target_id }) => target_id as string);

    expect(targets).toEqual(["10.240.0.10", "10.240.0.11", "10.240.0.12"]);
  });
});

describe("the address of the API", () => {
  const NAME = `\${aws_lb.${Object.keys(resources(small, "aws_lb"))[0]}.dns_name}`;
  const stack = synth((scope) => {
    const made = cluster(scope);
    new TerraformOutput(scope, "endpoint", { value: made.endpoint });
    new TerraformOutput(scope, "kubeconfig", { value: made.adminKubeconfig });
  });
  const { output } = JSON.parse(stack.json) as { output: Record<string, { value: string }> };

  test("is the load balancer's name, at port 6443 (FT-10)", () => {
    expect(output.endpoint!.value).toBe(`${NAME}:6443`);
  });

  test("is one of the API server's names (FT-10, FT-23)", () => {
    expect(at(small, "tls_cert_request", "cluster_pki_kubernetes_kube-apiserver_request").dns_names).toContain(NAME);
  });

  test("is what people's kubeconfig calls (FT-10, FT-29)", () => {
    expect(output.kubeconfig!.value).toContain(`server: https://${NAME}:6443\n`);
  });

  test.each(["kubelet.kubeconfig", "kube-proxy.kubeconfig"])("is what a worker's %s calls (FT-10, FT-26)", (file) => {
    expect(files(small, "worker/worker-0")[file]).toContain(`server: https://${NAME}:6443\n`);
  });

  test.each(["control-plane/controller-0", "worker/worker-0"] as const)("is API_ADDRESS of %s (FT-10)", (name) => {
    expect(env(small, name).API_ADDRESS).toBe(NAME);
  });

  test("is never empty: no URL without a host is written anywhere (FT-51, F-10)", () => {
    expect(guide.json).not.toContain("https://:");
  });
});

describe("SSH", () => {
  test("goes to public addresses, with the cluster's own key and the image's user (FT-19, F-16)", () => {
    const { connection } = stage(small, "etcd/controller-0");

    expect(connection).toEqual({
      type: "ssh",
      agent: "false",
      user: "admin",
      timeout: "5m",
      host: `\${aws_instance.${Object.keys(resources(small, "aws_instance"))[0]}.public_ip}`,
      private_key: expect.stringMatching(
        /^\$\{tls_private_key\.cluster_ssh-key_[0-9A-F]{8}\.private_key_openssh\}$/,
      ) as string,
      host_key: expect.stringMatching(
        /^\$\{trimspace\(tls_private_key\.cluster_control-plane_ssh-host-key-0_lasting_[0-9A-F]{8}\.public_key_openssh\)\}$/,
      ) as string,
    });
  });

  test("goes to private addresses where Terraform runs inside (FT-19)", () => {
    const stack = hardWay({ ssh: { address: "private", timeout: "90s" } });

    expect(stage(stack, "worker/worker-0").connection).toMatchObject({ host: "10.240.0.20", timeout: "90s" });
  });

  test("goes where a Terraform variable says (FT-19)", () => {
    const stack = synth((scope) => {
      const address = new TerraformVariable(scope, "ssh_address", { type: "string" }).stringValue;
      cluster(scope, { ssh: { address } });
    });

    expect((stage(stack, "worker/worker-0").connection as { host: string }).host).toMatch(
      /^\$\{\(var\.ssh_address == "public"\) \? aws_instance\.cluster_worker_0_[0-9A-F]{8}\.public_ip : "10\.240\.0\.20"\}$/,
    );
  });

  test("logs in as Ubuntu's user on Ubuntu (FT-19)", () => {
    const stack = hardWay({ operatingSystem: UBUNTU_2404 });

    expect(stage(stack, "worker/worker-0").connection).toMatchObject({ user: "ubuntu" });
  });
});

describe("certificates", () => {
  test("their settings reach every certificate (FT-22)", () => {
    const stack = hardWay({ certificates: { algorithm: "ECDSA", validityHours: 48, earlyRenewalHours: 4 } });
    const hours = all(stack, "tls_locally_signed_cert").map(
      ({ validity_period_hours }) => validity_period_hours as number,
    );

    expect(new Set(hours)).toEqual(new Set([48]));
    expect(all(stack, "tls_private_key").filter(({ algorithm }) => algorithm === "RSA")).toHaveLength(1);
  });

  test("the API server's first service address follows the service block (FT-23, FT-55)", () => {
    const stack = hardWay({ serviceCidr: "172.20.0.0/16" });

    expect(at(stack, "tls_cert_request", "cluster_pki_kubernetes_kube-apiserver_request").ip_addresses).toEqual([
      "127.0.0.1",
      "172.20.0.1",
      "10.240.0.10",
    ]);
  });

  test("the API server knows all three controllers (FT-23)", () => {
    expect(at(guide, "tls_cert_request", "cluster_pki_kubernetes_kube-apiserver_request").ip_addresses).toEqual([
      "127.0.0.1",
      "10.32.0.1",
      "10.240.0.10",
      "10.240.0.11",
      "10.240.0.12",
    ]);
  });
});

describe("secrets", () => {
  test("no trigger holds or refers to a key: only hashes do (LD-14)", () => {
    const triggers = JSON.stringify(all(guide, "null_resource").map((block) => block.triggers as unknown));

    expect(triggers).not.toMatch(/PRIVATE KEY|BEGIN |private_key|tls_/);
  });

  test("every file that is uploaded is a reference, never a text in the plan (LD-14)", () => {
    const uploads = all(guide, "null_resource").flatMap(({ provisioner }) =>
      (provisioner as { file?: { destination: string; content?: string } }[]).flatMap(({ file }) =>
        file === undefined ? [] : [file.content!],
      ),
    );
    const files = uploads.filter((content) => content.includes('"files/'));

    expect(uploads).toHaveLength(6 + 3 + 3 + 3 + 3 + 1 + 3 + 1 + 1);
    expect(files).toHaveLength(6 + 3 + 3 + 3);
    expect(files.filter((content) => !content.includes(", [for name, text in local."))).toEqual([]);
  });

  test("no private key is written into the stack (LD-14)", () => {
    expect(guide.json).not.toMatch(/-----BEGIN|PRIVATE KEY/);
  });
});

describe("synthesis", () => {
  test("gives the same bytes twice (FT-01)", () => {
    expect(hardWay().json).toBe(small.json);
  });

  test("gives the same bytes from another working directory (FT-01)", () => {
    const before = cwd();
    chdir(tmpdir());
    try {
      expect(hardWay().json).toBe(small.json);
    } finally {
      chdir(before);
    }
  });

  test("names no path of the machine (FT-01)", () => {
    expect(small.json).not.toContain(cwd());
  });

  test("makes no provider, backend, variable or output of its own: those are the stack's", () => {
    const { variable, output, terraform } = JSON.parse(small.json) as Record<string, Record<string, unknown>>;

    expect([variable, output, terraform!.backend]).toEqual([undefined, undefined, undefined]);
  });

  test("two clusters live in one stack, with addresses of their own", () => {
    const stack = synth((scope) => {
      cluster(scope);
      new HardWayCluster(scope, "green", { ...SMALL, clusterName: "green", networkCidr: "10.241.0.0/24" });
    });

    expect(addresses(stack)).toHaveLength(2 * addresses(small).length);
    expect(addresses(stack)).toEqual(expect.arrayContaining(addresses(small)));
  });

  test("every reference leads to something that is there, and none round in a circle (FT-49)", () => {
    expect(circle(guide)).toEqual([]);
  });
});

/** The first circle of references found, as a path of addresses; or what a reference that leads nowhere is called. */
function circle(stack: ReturnType<typeof hardWay>): string[] {
  const edges = new Map<string, string[]>();
  for (const [prefix, kinds] of [["", stack.resource] as const, ["data.", stack.data] as const])
    for (const [type, blocks] of Object.entries(kinds))
      for (const [name, block] of Object.entries(blocks)) edges.set(`${prefix}${type}.${name}`, references(block));
  for (const [name, value] of Object.entries(stack.locals)) edges.set(`local.${name}`, references(value));
  const finished = new Set<string>();
  const visit = (address: string, path: readonly string[]): string[] => {
    if (path.includes(address)) return [...path.slice(path.indexOf(address)), address];
    if (finished.has(address)) return [];
    const next = edges.get(address);
    if (next === undefined) return [`nothing is called ${address}`];
    for (const target of next) {
      const found = visit(target, [...path, address]);
      if (found.length > 0) return found;
    }
    finished.add(address);
    return [];
  };
  for (const address of edges.keys()) {
    const found = visit(address, []);
    if (found.length > 0) return found;
  }
  return [];
}
