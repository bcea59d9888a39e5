import { join } from "node:path";
import { agnhost } from "../../lab/artifacts/versions";
import { Cluster, capture, type Artifacts } from "../../lab/commands/cluster";
import type { Terraform } from "../../lab/terraform/terraform";
import { Api, eventually } from "../lab/operator";
import { endOwnLab, startOwnLab, testsFolder } from "../lab/own-lab";

// What nodes ask of AWS by themselves, with the programs that ask: the collector of logs, and kubelet's for credentials of ECR.
const cluster = new Cluster("services", testsFolder);
const minutes = (count: number): number => count * 60_000;
const REGISTRY = "123456789012.dkr.ecr.us-east-1.amazonaws.com";

let artifacts: Artifacts;
let terraform: Terraform;
let api: Api;

const kubectl = (...args: string[]): string => {
  const { status, stdout, stderr } = capture(cluster.kubectlCommand(artifacts.kubectl, args));
  if (status !== 0) throw new Error(`kubectl ${args.join(" ")}: ${stderr}`);
  return stdout;
};
const on = (machine: string, command: string): string => {
  const { status, stdout, stderr } = capture(cluster.sshCommand(machine, [command]));
  if (status !== 0) throw new Error(`${command}: ${stdout}${stderr}`);
  return stdout;
};
/** Runs a pod on the worker and waits until it has begun. */
function pod(name: string, image: string, script: string): void {
  const containers = [{ name: "one", image, command: ["sh", "-c", `${script}; exec sleep 3600`] }];
  const manifest = { apiVersion: "v1", kind: "Pod", metadata: { name }, spec: { containers } };
  const { status, stderr } = capture(cluster.kubectlCommand(artifacts.kubectl, ["apply", "-f", "-"]), {
    input: JSON.stringify(manifest),
  });
  if (status !== 0) throw new Error(stderr);
  kubectl("wait", "pod", name, "--for=condition=Ready", "--timeout=110s");
}

interface LogRecord {
  readonly body: { readonly stringValue?: string };
  readonly attributes?: readonly { readonly key: string; readonly value: { readonly stringValue?: string } }[];
  readonly resource: { readonly attributes?: LogRecord["attributes"] };
}
/** What CloudWatch has of a stream. */
async function records(stream: string): Promise<readonly LogRecord[]> {
  const { answer } = (await api.ask("logs", "get_log_events", {
    logGroupName: "/services/nodes",
    logStreamName: stream,
    startFromHead: true,
    limit: 10_000,
  })) as { answer: { events: { message: string }[] } };
  return answer.events.map(({ message }) => JSON.parse(message) as LogRecord);
}
const line = ({ body }: LogRecord): string => body.stringValue ?? "";
const arrives = (stream: string, text: string): Promise<readonly LogRecord[]> =>
  eventually(
    `"${text}" in ${stream}`,
    async () => (await records(stream)).filter((record) => line(record).includes(text)),
    (found) => found.length > 0,
    60,
  );

beforeAll(async () => {
  // What an interrupted run left is of an account that is gone.
  cluster.forget();
  artifacts = await startOwnLab(undefined, ["otelcol-contrib", "ecr-credential-provider"]);
  api = await Api.open();
  cluster.synthesise(join(__dirname, "aws-services.app.ts"));
  terraform = cluster.terraform(artifacts);
  await terraform.init();
}, minutes(45));

afterAll(async () => {
  await api?.close();
  await endOwnLab();
}, minutes(2));

test(
  "an apply ends in Ready nodes whose logs are shipped, and the next plan is empty (FT-93, FT-49)",
  async () => {
    await terraform.apply(() => undefined);
    await cluster.saveAccess(terraform, artifacts);

    expect(kubectl("get", "nodes", "--no-headers")).toMatch(/^worker-0 +Ready /);
    for (const machine of ["controller-0", "worker-0"])
      expect(on(machine, "systemctl is-active otelcol.service").trim()).toBe("active");
    expect((await terraform.plan()).output).toContain("No changes.");
  },
  minutes(15),
);

test("the registry of ECR takes nobody without a token (FT-89)", () => {
  const code = on("worker-0", `curl -s -o /dev/null -w '%{http_code}' -k https://${REGISTRY}/v2/`);

  expect(code).toBe("401");
});

test(
  "kubelet pulls an image of ECR with a token that it gets with the instance's role (FT-89, F-31)",
  () => {
    const image = `${REGISTRY}/kubernetes/e2e-test-images/agnhost:${agnhost}`;
    pod("from-ecr", image, "echo came from ECR");

    expect(kubectl("get", "pod", "from-ecr", "-o", "jsonpath={.status.containerStatuses[0].image}")).toBe(image);
    expect(kubectl("logs", "from-ecr")).toBe("came from ECR\n");
  },
  minutes(4),
);

test("the collector accepts its configuration by its own command (FT-93)", () => {
  const validate = "otelcol-contrib validate --config=/etc/otelcol/config.yaml";

  expect(on("worker-0", `set -a; . /etc/kubernetes/logs.env; sudo -E ${validate} 2>&1`)).toBe("");
});

test(
  "a pod's line is in CloudWatch with the names of pod and namespace, and kubectl logs shows it too (FT-93, F-33)",
  async () => {
    pod("talker", `registry.k8s.io/e2e-test-images/agnhost:${agnhost}`, "echo a line of a pod");

    const [record] = await arrives("worker-0/pods", "a line of a pod");
    const attributes = Object.fromEntries(
      [...(record!.attributes ?? []), ...(record!.resource.attributes ?? [])].map(({ key, value }) => [
        key,
        value.stringValue,
      ]),
    );
    expect(line(record!)).toBe("a line of a pod");
    expect(attributes).toMatchObject({
      "k8s.pod.name": "talker",
      "k8s.namespace.name": "default",
      "k8s.container.name": "one",
      "log.iostream": "stdout",
    });
    expect(kubectl("logs", "talker")).toBe("a line of a pod\n");
  },
  minutes(5),
);

test.each([
  ["worker-0", "kubelet"],
  ["worker-0", "containerd"],
  ["controller-0", "kube-apiserver"],
  ["controller-0", "etcd"],
])(
  "on %s what %s says is in CloudWatch (FT-93)",
  async (machine, unit) => {
    const ofUnit = (record: LogRecord): boolean =>
      (record.attributes ?? []).some(
        ({ key, value }) => key === "systemd.unit" && value.stringValue === `${unit}.service`,
      );
    const found = await eventually(
      `lines of ${unit}`,
      async () => (await records(`${machine}/system`)).filter(ofUnit),
      (lines) => lines.length > 0,
      60,
    );

    expect(line(found[0]!)).not.toBe("");
  },
  minutes(2),
);

test(
  "what is said while the collector is stopped arrives when it runs again, and what it had sent does not arrive twice (FT-93)",
  async () => {
    on("worker-0", "sudo systemctl stop otelcol.service");
    pod("later", `registry.k8s.io/e2e-test-images/agnhost:${agnhost}`, "echo said meanwhile");
    on("worker-0", "sudo systemctl start otelcol.service");

    expect(await arrives("worker-0/pods", "said meanwhile")).toHaveLength(1);
    expect(await arrives("worker-0/pods", "a line of a pod")).toHaveLength(1);
  },
  minutes(5),
);

test(
  "destroys everything (FT-59)",
  async () => {
    await terraform.destroy(() => undefined);

    expect(await terraform.state()).toEqual([]);
  },
  minutes(5),
);
