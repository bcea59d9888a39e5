import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Cluster, capture, type Artifacts } from "../../lab/commands/cluster";
import { sshOptions } from "../../lab/commands/ssh-options";
import { explain } from "../../lab/terraform/explain";
import { TerraformError, type Terraform } from "../../lab/terraform/terraform";
import type { StackJson } from "../../lab/terraform/workspace";
import { operator } from "../lab/operator";
import { endOwnLab, startOwnLab, testsFolder } from "../lab/own-lab";

// One controller and one worker, as far as their first stage. In order, since each test begins where the one before ended.
const cluster = new Cluster("host-keys", testsFolder);
const minutes = (count: number): number => count * 60_000;

let artifacts: Artifacts;
let terraform: Terraform;
let stack: StackJson;

/** The address of the one resource whose path ends so. */
function address(type: string, path: string): string {
  const [name] = Object.entries(stack.resource[type] ?? {}).find(([, block]) =>
    block["//"].metadata.path.endsWith(path),
  )!;
  return `${type}.${name}`;
}
const stageOn = (machine: string): string => address("null_resource", `/stage-ssh-host-key/${machine}`);

/** Applies the first stage, and what it needs. */
async function apply(variables: Readonly<Record<string, string>> = {}, ...options: string[]): Promise<void> {
  const targets = ["controller-0", "worker-0"].map((machine) => `-target=${stageOn(machine)}`);
  await cluster
    .terraform(artifacts, { TF_VAR_ssh_timeout: "2m", ...variables })
    .apply(() => undefined, ...targets, ...options)
    .catch((error: unknown) => {
      throw error instanceof TerraformError ? new Error(explain(error, stack)) : error;
    });
  await cluster.saveMachines(terraform);
}

/** Runs a command on a machine whose key is checked. */
const on = (machine: string, command: string): { status: number | null; output: string } => {
  const { status, stdout, stderr } = capture(cluster.sshCommand(machine, [command]));
  return { status, output: `${stdout}${stderr}` };
};

/** The same, where the machine has another key than the known one. */
const onAnybody = (machine: string, command: string) =>
  operator(["ssh", "-i", cluster.sshKeyPath, ...sshOptions(10), cluster.sshTarget(machine), command]);

/** The keys that a machine shows to a client that asks for each kind: kind and key. */
const shown = (machine: string): string[] =>
  operator(["sh", "-c", `ssh-keyscan -T 10 ${cluster.sshTarget(machine).replace(/.*@/, "")} 2>/dev/null`])
    .output.split("\n")
    .map((line) => line.split(" ").slice(1).join(" "));

/** The key by which a machine is known. */
function known(machine: string): string {
  const line = readFileSync(cluster.knownHostsPath, "utf8")
    .split("\n")
    .find((candidate) => candidate.startsWith(`${machine},`))!;
  return line.split(" ").slice(1).join(" ");
}

const hostKeyFiles = (machine: string): string =>
  on(machine, "sudo find /etc/ssh -name '*host*key*' -type f -printf '%m %u:%g %p\\n' | sort -k 3").output;

const userData = (machine: string): string => on(machine, "sudo cat /var/lib/cloud/instance/user-data.txt").output;

const OURS =
  "600 root:root /etc/ssh/cluster_host_key\n" +
  "644 root:root /etc/ssh/cluster_host_key.pub\n" +
  "644 root:root /etc/ssh/sshd_config.d/10-cluster-host-key.conf\n";

beforeAll(async () => {
  cluster.forget();
  artifacts = await startOwnLab();
  stack = cluster.synthesise(join(__dirname, "ssh-host-keys.app.ts"));
  terraform = cluster.terraform(artifacts, { TF_VAR_ssh_timeout: "2m" });
  await terraform.init();
}, minutes(45));

afterAll(endOwnLab, minutes(2));

test(
  "the first connection, to the key in user data, leaves each machine with the lasting key alone (FT-19, LD-14)",
  async () => {
    await apply();

    for (const machine of ["controller-0", "worker-0"]) {
      expect(shown(machine)).toEqual([known(machine)]);
      expect(known(machine)).toMatch(/^ssh-ed25519 /);
      expect(hostKeyFiles(machine)).toBe(OURS);
    }
    expect(known("controller-0")).not.toBe(known("worker-0"));
  },
  minutes(5),
);

test("user data held the first key, and the lasting one never (LD-14)", () => {
  const read = userData("worker-0");
  const body = on("worker-0", "sudo sed -n 3p /etc/ssh/cluster_host_key").output.trim();

  expect(read).toContain("ecdsa_private");
  expect(body).toMatch(/^[A-Za-z0-9+/=]{60,}$/);
  expect(read).not.toContain(body);
  expect(read).not.toContain(known("worker-0"));
});

test("the uploaded copy of the key is gone (FT-24)", () => {
  expect(on("worker-0", "find kubernetes-bootstrap -path '*/files/*' | wc -l").output.trim()).toBe("0");
});

test(
  "the first stage runs again on a machine that has its lasting key, and changes nothing (FT-49, FT-50)",
  async () => {
    const started = (): string => on("worker-0", "systemctl show -p ExecMainStartTimestamp --value ssh").output;
    const before = started();
    await terraform.run(["taint", stageOn("worker-0")]);

    await apply();

    expect(started()).toBe(before);
    expect(shown("worker-0")).toEqual([known("worker-0")]);
    expect(readFileSync(join(cluster.folder, "terraform.log"), "utf8").match(/reload sshd/g)).toHaveLength(2);
  },
  minutes(3),
);

test(
  "the first stage runs again on a machine where it was cut off before the change (FT-50)",
  async () => {
    // As user data had it, with sshd on the first key.
    const back =
      "sudo rm /etc/ssh/sshd_config.d/10-cluster-host-key.conf && " +
      "sudo cloud-init single --name ssh --frequency always >/dev/null 2>&1 && sudo systemctl restart ssh";
    expect(on("worker-0", back)).toEqual({ status: 0, output: "" });
    expect(shown("worker-0")).toEqual([expect.stringMatching(/^ecdsa-sha2-nistp256 /)]);
    await terraform.run(["taint", stageOn("worker-0")]);

    await apply();

    expect(shown("worker-0")).toEqual([known("worker-0")]);
    expect(hostKeyFiles("worker-0")).toBe(OURS);
  },
  minutes(3),
);

test(
  "a machine that is replaced is known by the same key again, and begins with another first one when that is replaced too (FT-49, LD-14)",
  async () => {
    const [key, before] = [known("worker-0"), cluster.sshTarget("worker-0")];
    const first = userData("worker-0");

    await apply(
      {},
      `-replace=${address("aws_instance", "/cluster/worker/0")}`,
      `-replace=${address("tls_private_key", "/worker/ssh-host-key-0/first")}`,
    );

    expect(cluster.sshTarget("worker-0")).not.toBe(before);
    expect(known("worker-0")).toBe(key);
    expect(shown("worker-0")).toEqual([key]);
    expect(userData("worker-0")).toContain("ecdsa_private");
    expect(userData("worker-0")).not.toBe(first);
  },
  minutes(4),
);

test(
  "a machine from before there were host keys goes on when its lasting key is made alone and laid on it (FT-19, FT-49)",
  async () => {
    // Keys of nobody that anybody has noted, and a state that knows neither the lasting key nor the stage.
    const before =
      "sudo rm /etc/ssh/cluster_host_key* /etc/ssh/sshd_config.d/10-cluster-host-key.conf && " +
      "sudo ssh-keygen -A >/dev/null && sudo systemctl restart ssh";
    expect(on("worker-0", before)).toEqual({ status: 0, output: "" });
    const lasting = address("tls_private_key", "/worker/ssh-host-key-0/lasting");
    await terraform.run(["state", "rm", lasting, stageOn("worker-0")]);
    await expect(apply({ TF_VAR_ssh_timeout: "5s" })).rejects.toThrow("shows another SSH host key than worker-0 has");
    await terraform.run(["state", "rm", lasting]);

    await terraform.apply(() => undefined, `-target=${lasting}`);
    const shows = JSON.parse((await terraform.run(["show", "-json"])).output) as {
      values: { root_module: { resources: { address: string; values: Record<string, string> }[] } };
    };
    const { private_key_openssh: key } = shows.values.root_module.resources.find(
      (made) => made.address === lasting,
    )!.values;
    const lay =
      `(umask 077 && echo ${Buffer.from(key!).toString("base64")} | base64 -d >key) && ` +
      "sudo install -o root -m 0600 key /etc/ssh/cluster_host_key && rm key && " +
      "echo HostKey /etc/ssh/cluster_host_key | sudo tee /etc/ssh/sshd_config.d/10-cluster-host-key.conf >/dev/null && " +
      "sudo systemctl reload ssh";
    expect(onAnybody("worker-0", lay)).toEqual({ code: 0, output: "" });
    await apply();

    expect(shown("worker-0")).toEqual([known("worker-0")]);
    expect(hostKeyFiles("worker-0")).toBe(OURS);
  },
  minutes(4),
);

test(
  "fails where somebody else answers, by a sentence that names the machine, and sends nothing (FT-19, LD-14)",
  async () => {
    // The key of somebody in between; sshd tells of every request to log in.
    const impostor =
      "sudo rm /etc/ssh/cluster_host_key* && sudo ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/cluster_host_key && " +
      "echo LogLevel DEBUG1 | sudo tee /etc/ssh/sshd_config.d/20-log.conf >/dev/null && sudo systemctl restart ssh";
    expect(on("worker-0", impostor)).toEqual({ status: 0, output: "" });
    expect(shown("worker-0")).not.toEqual([known("worker-0")]);
    const requests = "sudo journalctl -u ssh -o cat | grep -c 'userauth-request for user'";
    const before = Number(onAnybody("worker-0", requests).output);
    await terraform.run(["taint", stageOn("worker-0")]);

    await expect(apply({ TF_VAR_ssh_timeout: "5s" })).rejects.toThrow(
      /error: whoever answers at 198\.51\.100\.\d+ for stage ssh-host-key on worker-0 shows another SSH host key than worker-0 has, so nothing was sent/,
    );

    // Those of asking, the first time and now, and none of Terraform's.
    const perLogin = before;
    expect(perLogin).toBeGreaterThan(0);
    expect(Number(onAnybody("worker-0", requests).output)).toBe(2 * perLogin);
    expect(on("worker-0", "true")).toMatchObject({ status: 255, output: expect.stringContaining("Host key verif") });
  },
  minutes(3),
);
