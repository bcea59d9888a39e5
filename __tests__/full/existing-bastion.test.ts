import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { debianFolder } from "../../lab/artifacts/debian-packages";
import { Cluster, capture, type Artifacts } from "../../lab/commands/cluster";
import { sshOptions } from "../../lab/commands/ssh-options";
import { environment, operatorCommand } from "../../lab/lab";
import { stateFolder } from "../../lab/machines/leftovers";
import { explain } from "../../lab/terraform/explain";
import { Terraform, TerraformError } from "../../lab/terraform/terraform";
import type { StackJson } from "../../lab/terraform/workspace";
import { officeCommand, proxyUser } from "../../lab/vpc/office";
import { becomes } from "../lab/operator";
import { endOwnLab, startOwnLab, testsFolder } from "../lab/own-lab";

// A private VPC of other Terraform, and in it a bastion of other Terraform, with a key pair and a user of its own. Terraform runs
// in the office, which reaches the VPC by its VPN, but whose addresses no machine of the cluster lets in by SSH.
const minutes = (count: number): number => count * 60_000;
const cluster = new Cluster("hybrid", testsFolder);
const BASTION = { address: "172.20.0.200", user: "admin", port: 2222 };
const MACHINES = { "controller-0": "172.20.0.10", "worker-0": "172.20.0.20" };
const keyPath = join(testsFolder, "bastion-key");
let artifacts: Artifacts;
let terraform: Terraform;
let stack: StackJson;
let variables: Record<string, string>;

/** Terraform of the bastion, in the first subnet of the network. */
function bastionStack(network: { vpcId: string; subnets: readonly { id: string }[] }, publicKey: string): object {
  const open = { security_group_id: "${aws_security_group.bastion.id}" };
  return {
    terraform: { required_providers: { aws: { source: "hashicorp/aws" } } },
    provider: { aws: { region: environment()["AWS_REGION"]! } },
    data: {
      aws_ami: {
        debian: {
          most_recent: true,
          owners: ["136693071363"],
          filter: [
            { name: "name", values: ["debian-12-*"] },
            { name: "architecture", values: [process.arch === "arm64" ? "arm64" : "x86_64"] },
          ],
        },
      },
    },
    resource: {
      aws_key_pair: { bastion: { key_name: "office-bastion", public_key: publicKey } },
      aws_security_group: { bastion: { name: "office-bastion", vpc_id: network.vpcId } },
      aws_vpc_security_group_ingress_rule: {
        office: { ...open, cidr_ipv4: "10.0.0.0/8", ip_protocol: "tcp", from_port: 22, to_port: BASTION.port },
      },
      aws_vpc_security_group_egress_rule: { all: { ...open, cidr_ipv4: "0.0.0.0/0", ip_protocol: "-1" } },
      aws_instance: {
        bastion: {
          ami: "${data.aws_ami.debian.id}",
          instance_type: "t3.micro",
          subnet_id: network.subnets[0]!.id,
          private_ip: BASTION.address,
          vpc_security_group_ids: ["${aws_security_group.bastion.id}"],
          key_name: "${aws_key_pair.bastion.key_name}",
          user_data: `#cloud-config\nhostname: office-bastion\nwrite_files:\n  - path: /etc/ssh/sshd_config.d/port.conf\n    content: "Port ${BASTION.port}\\n"\nruncmd: [systemctl restart ssh]\n`,
          tags: { Name: "office-bastion" },
        },
      },
    },
    output: { group: { value: "${aws_security_group.bastion.id}" } },
  };
}

async function makeBastion(): Promise<string> {
  const folder = join(testsFolder, "bastion");
  mkdirSync(folder, { recursive: true });
  capture(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", keyPath]);
  const network = JSON.parse(readFileSync(join(testsFolder, "network", "network.json"), "utf8")) as Parameters<
    typeof bastionStack
  >[0];
  const json = bastionStack(network, readFileSync(`${keyPath}.pub`, "utf8").trim());
  writeFileSync(join(folder, "cdk.tf.json"), JSON.stringify(json));
  const made = new Terraform({
    folder,
    inside: operatorCommand,
    environment: { ...environment(), TF_CLI_CONFIG_FILE: artifacts.terraformCliConfig },
  });
  await made.init();
  await made.apply(() => undefined);
  return String(await made.output("group"));
}

/** All keys that the bastion shows, as kind and key. */
const bastionKeys = (): string[] =>
  capture(officeCommand(["ssh-keyscan", "-T", "5", "-p", String(BASTION.port), BASTION.address]))
    .stdout.split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.split(" ").slice(1).join(" "));

/** A command on a machine, by way of the bastion as people go it. */
const on = (machine: keyof typeof MACHINES, command: string): string => {
  const jump = ["ssh", "-i", keyPath, ...sshOptions(10), "-p", BASTION.port, "-W", "%h:%p"].join(" ");
  const known = { file: cluster.knownHostsPath, name: machine };
  const { stdout, stderr } = capture(
    officeCommand([
      ...["ssh", "-i", cluster.sshKeyPath, ...sshOptions(10, known)],
      ...["-o", `ProxyCommand=${jump} ${BASTION.user}@${BASTION.address}`],
      ...[cluster.sshTarget(machine), command],
    ]),
  );
  return `${stdout}${stderr}`;
};
/** Debian's socat, of what nodes install. */
function socat(): { program: string; libraries: string } {
  const tree = join(testsFolder, "socat");
  for (const name of ["s/socat", "t/tcp-wrappers"]) {
    const folder = join(debianFolder, "pool", "main", name);
    for (const file of readdirSync(folder)) capture(["dpkg-deb", "--extract", join(folder, file), tree]);
  }
  const [libraries] = readdirSync(join(tree, "usr", "lib")).map((name) => join(tree, "usr", "lib", name));
  return { program: join(tree, "usr", "bin", "socat"), libraries: libraries! };
}
const address = (stage: string, machine: string): string =>
  Object.entries(stack.resource["null_resource"]!)
    .filter(([, block]) => block["//"].metadata.path.endsWith(`/stage-${stage}/${machine}`))
    .map(([name]) => `null_resource.${name}`)[0]!;

beforeAll(async () => {
  cluster.forget();
  artifacts = await startOwnLab();
  await cluster.makeNetwork(artifacts);
  const group = await makeBastion();
  stack = cluster.synthesise(join(__dirname, "existing-bastion.app.ts"));
  await becomes("SSH of the bastion", () => bastionKeys().length > 0, true, 120);
  variables = {
    TF_VAR_ssh_timeout: "3m",
    TF_VAR_bastion_host: BASTION.address,
    TF_VAR_bastion_port: String(BASTION.port),
    TF_VAR_bastion_user: BASTION.user,
    TF_VAR_bastion_key: readFileSync(keyPath, "utf8"),
    TF_VAR_bastion_host_keys: JSON.stringify(bastionKeys()),
    TF_VAR_bastion_group: group,
  };
  terraform = cluster.terraform(artifacts, variables);
  await terraform.init();
}, minutes(45));
afterAll(endOwnLab, minutes(2));

test(
  "the bootstrap goes through a bastion that is there, held to any kind of key, until every node is Ready (FT-19, FT-94)",
  async () => {
    // Those of an image: one of each kind that machines have too.
    const kinds = (JSON.parse(variables["TF_VAR_bastion_host_keys"]!) as string[]).map((key) => key.split(" ")[0]);
    expect(kinds).toEqual(expect.arrayContaining(["ecdsa-sha2-nistp256", "ssh-ed25519"]));

    await terraform
      .apply(() => undefined)
      .catch((error: unknown) => {
        throw error instanceof TerraformError ? new Error(explain(error, stack)) : error;
      });
    await cluster.saveAccess(terraform, artifacts);

    const { stdout } = capture(cluster.kubectlCommand(artifacts.kubectl, ["get", "nodes", "--no-headers"]));
    expect(stdout).toMatch(/^worker-0 +Ready /);
    expect((await terraform.plan()).output).toContain("No changes.");
  },
  minutes(20),
);

test.each(Object.entries(MACHINES))("%s was logged in to from the bastion alone (FT-94)", (machine) => {
  const log = on(machine as keyof typeof MACHINES, "sudo journalctl -u ssh -o cat | grep 'Accepted publickey'");
  const from = [...log.matchAll(/Accepted publickey for admin from (\S+) port/g)].map(([, client]) => client);

  expect(from.length).toBeGreaterThan(5);
  expect(new Set(from)).toEqual(new Set([BASTION.address]));
});

test("nobody else is let in: not the office, which reaches the bastion and the API (FT-08, FT-94)", () => {
  const direct = officeCommand([
    "ssh",
    "-i",
    cluster.sshKeyPath,
    ...sshOptions(5),
    `admin@${MACHINES["worker-0"]}`,
    "true",
  ]);

  expect(capture(direct).stderr).toMatch(/Connection timed out/);
  expect(on("worker-0", "hostname").trim()).toBe("worker-0");
});

test("the bastion's key lies neither in the state nor in what was printed (LD-14)", () => {
  const secret = readFileSync(keyPath, "utf8").split("\n")[2]!;
  expect(secret).toMatch(/^[A-Za-z0-9+/=]{60,}$/);

  for (const file of ["terraform.tfstate", "terraform.log", "cdk.tf.json"])
    expect(readFileSync(join(cluster.folder, file), "utf8")).not.toContain(secret);
});

test(
  "where somebody else answers as the bastion the apply fails by a sentence that says so (FT-19)",
  async () => {
    const [, , ...lines] = readFileSync(cluster.knownHostsPath, "utf8").split(" ");
    const another = [`ssh-ed25519 ${lines[0]!.split("\n")[0]!}`];
    await terraform.run(["taint", address("rbac", "controller-0")]);
    const strange = cluster.terraform(artifacts, {
      ...variables,
      TF_VAR_ssh_timeout: "5s",
      TF_VAR_bastion_host_keys: JSON.stringify(another),
    });

    const failure = await strange
      .apply(() => undefined)
      .then(
        () => "the apply succeeded",
        (error: unknown) => (error instanceof TerraformError ? explain(error, stack) : Promise.reject(error as Error)),
      );

    expect(failure).toMatch(
      /error: whoever answers as the bastion, on the way to controller-0 for stage rbac, shows another SSH host key/,
    );
  },
  minutes(3),
);

test(
  "a stage goes through the office's proxy to the bastion, by a listener beside Terraform, for longer than Terraform's own proxy lasts (FT-94)",
  async () => {
    const { program, libraries } = socat();
    const users = join(testsFolder, "proxy-user");
    writeFileSync(users, `${proxyUser.name}:${proxyUser.password}`, { mode: 0o600 });
    const listener = officeCommand([
      program,
      `TCP-LISTEN:${BASTION.port},bind=127.0.0.1,fork,reuseaddr`,
      `PROXY:10.1.2.3:${BASTION.address}:${BASTION.port},proxyport=3128,proxyauthfile=${users}`,
    ]);
    const child = spawn(listener[0]!, listener.slice(1), {
      env: { ...process.env, LD_LIBRARY_PATH: libraries },
      stdio: "ignore",
    });
    try {
      // As stages are on machines that are busy, or far from what they download.
      const slow = '#!/bin/sh\\nmkdir /tmp/was-slow 2>/dev/null && sleep 20\\nexec /usr/bin/base64 "$@"\\n';
      const path = "/usr/local/bin/base64";
      expect(on("controller-0", `printf '${slow}' | sudo tee ${path} >/dev/null && sudo chmod +x ${path}`)).toBe("");
      await terraform.run(["taint", address("nodes", "controller-0")]);

      await cluster.terraform(artifacts, { ...variables, TF_VAR_bastion_host: "127.0.0.1" }).apply(() => undefined);

      const log = readFileSync(join(stateFolder, "office", "proxy", "access.log"), "utf8");
      expect(on("controller-0", `sudo rm ${path} && ls -d /tmp/was-slow`).trim()).toBe("/tmp/was-slow");
      expect(log).toMatch(new RegExp(`CONNECT ${BASTION.address}:${BASTION.port} ${proxyUser.name} `));
    } finally {
      child.kill();
    }
  },
  minutes(5),
);
