import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Vpc } from "@cdktf/provider-aws/lib/vpc";
import { TerraformOutput } from "cdktf";
import { ExternalDns } from "../../constructs/network/external-dns";
import { PrivateZone } from "../../constructs/network/private-zone";
import { externalDns } from "../../lab/artifacts/external-dns";
import { prepare } from "../../lab/artifacts/prepare";
import { eventually } from "../lab/operator";
import { ApiServer, tokens } from "../support/api-server";
import { awsApi, type AwsApi } from "../support/aws-api";
import { awsAnswers } from "../support/aws-calls";
import { asWritten } from "../support/page-commands";
import { addProviders, synthInto } from "../support/synth";
import { initialised } from "../support/terraform";

// ExternalDNS itself, as the manifest of the cluster runs it and with the rights that it gives: Ingresses of a real API server
// become records of the zone that Terraform made in the lab's AWS API.
jest.setTimeout(120_000);
const ZONE = "prod.aws.corp.example";
const log = (line: string): void => void process.stderr.write(`${line}\n`);
const scratch = mkdtempSync(join(tmpdir(), "external-dns-"));

let aws: AwsApi;
let kubernetes: ApiServer;
let zoneId: string;
let child: ChildProcess | undefined;
/** As a person does in the folder of the stack. */
let inFolder: (command: string) => string;

interface RecordSet {
  readonly Name: string;
  readonly Type: string;
  readonly ResourceRecords?: readonly { readonly Value: string }[];
}

/** "NAME TYPE VALUES" of all that is in the zone, but what every zone has. */
async function recordsOfZone(): Promise<string[]> {
  const [answer] = await awsAnswers(aws, "eu-west-1", [
    ["route53", "list_resource_record_sets", { HostedZoneId: zoneId }],
  ]);
  return (answer!["ResourceRecordSets"] as RecordSet[])
    .filter(({ Type }) => Type !== "SOA" && Type !== "NS")
    .map(
      ({ Name, Type, ResourceRecords = [] }) => `${Name} ${Type} ${ResourceRecords.map(({ Value }) => Value).join()}`,
    );
}

/** An Ingress as its controller leaves it: with the address of its load balancer. */
function ingress(name: string, host: string, address: string): void {
  const service = { name, port: { number: 80 } };
  const rules = [{ host, http: { paths: [{ path: "/", pathType: "Prefix", backend: { service } }] } }];
  const manifest = { apiVersion: "networking.k8s.io/v1", kind: "Ingress", metadata: { name }, spec: { rules } };
  kubernetes.adminWith(JSON.stringify(manifest), "apply", "-f", "-");
  setAddress(name, address);
}
function setAddress(name: string, address: string): void {
  const status = JSON.stringify({ status: { loadBalancer: { ingress: [{ ip: address }] } } });
  kubernetes.admin("patch", "ingress", name, "--subresource=status", "--type=merge", `--patch=${status}`);
}
const zoneBecomes = (what: string, holds: (records: readonly string[]) => boolean): Promise<string[]> =>
  eventually(what, recordsOfZone, holds, 60).catch((error: Error) => {
    throw new Error(`${error.message}\n${readFileSync(join(scratch, "log"), "utf8")}`);
  });

/** A file for whoever has this token. */
function kubeconfigOf(token: string): string {
  const kubeconfig = join(scratch, `kubeconfig-${token.slice(0, 5)}`);
  writeFileSync(
    kubeconfig,
    JSON.stringify({
      ...{ apiVersion: "v1", kind: "Config", "current-context": "c" },
      contexts: [{ name: "c", context: { cluster: "c", user: "c" } }],
      users: [{ name: "c", user: { token } }],
      clusters: [
        {
          name: "c",
          cluster: {
            server: kubernetes.url,
            "certificate-authority-data": Buffer.from(kubernetes.certificate).toString("base64"),
          },
        },
      ],
    }),
    { mode: 0o600 },
  );
  return kubeconfig;
}

beforeAll(async () => {
  await prepare({ log });
  const program = await externalDns(log);
  [aws, kubernetes] = await Promise.all([awsApi(), ApiServer.start()]);
  const folder = synthInto(join(scratch, "stack"), (stack) => {
    addProviders(stack);
    const vpc = new Vpc(stack, "vpc", { cidrBlock: "172.20.0.0/16" });
    const zone = new PrivateZone(stack, "zone", {
      ...{ clusterName: "corp", vpcId: vpc.id, zone: ZONE, writtenByOthers: true },
    });
    const { manifest } = new ExternalDns(stack, "external-dns", { clusterName: "corp", zone, nodeRole: true });
    new TerraformOutput(stack, "external_dns_manifest", { value: manifest });
    new TerraformOutput(stack, "zone_id", { value: zone.id });
  });
  const terraform = await initialised(folder, { AWS_ENDPOINT_URL: aws.url });
  await terraform.succeed("apply", "-auto-approve", "-input=false", "-no-color");
  zoneId = (await terraform.succeed("output", "-raw", "zone_id")).trim();
  const manifest = await terraform.succeed("output", "-raw", "external_dns_manifest");
  inFolder = (command) => {
    const path = [dirname(kubernetes.kubectl), process.env["PATH"]].join(":");
    const env = { ...terraform.variables, PATH: path, KUBECONFIG: kubeconfigOf(tokens.admin) };
    return execFileSync("bash", ["-euo", "pipefail", "-c", command], { cwd: folder, env, encoding: "utf8" });
  };
  inFolder(asWritten("terraform output -raw external_dns_manifest"));

  const { items } = JSON.parse(manifest) as { items: { kind: string; spec: { template: { spec: Pod } } }[] };
  const [container] = items.find(({ kind }) => kind === "Deployment")!.spec.template.spec.containers;
  const token = kubernetes.admin("--namespace=external-dns", "create", "token", "external-dns").trim();
  const kubeconfig = kubeconfigOf(token);
  const said = openSync(join(scratch, "log"), "a");
  // What the pod is given, and what tells it of this test's cluster and account; it looks more often.
  child = spawn(program, [...container!.args, `--kubeconfig=${kubeconfig}`, "--interval=1s"], {
    stdio: ["ignore", said, said],
    env: {
      ...Object.fromEntries(container!.env.map(({ name, value }) => [name, value])),
      ...{ AWS_ENDPOINT_URL: aws.url, AWS_EC2_METADATA_DISABLED: "true", NO_PROXY: "*" },
      ...{ AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" },
    },
  });
}, 45 * 60_000);

afterAll(async () => {
  if (child !== undefined && child.exitCode === null) {
    const ended = new Promise((resolve) => child!.once("close", resolve));
    if (child.kill("SIGKILL")) await ended;
  }
  await Promise.all([aws?.stop(), kubernetes?.stop()]);
  rmSync(scratch, { recursive: true, force: true });
});

interface Pod {
  readonly containers: readonly {
    readonly args: readonly string[];
    readonly env: readonly { readonly name: string; readonly value: string }[];
  }[];
}

test("an Ingress gets its record, and beside it one that says whose it is (FT-91)", async () => {
  ingress("myapp", `myapp.${ZONE}`, "172.20.0.9");

  const records = await zoneBecomes("a record of myapp", (seen) => seen.some((one) => one.startsWith("myapp.")));
  expect(records).toContain(`myapp.${ZONE}. A 172.20.0.9`);
  expect(records.filter((one) => one.includes(" TXT "))).toEqual([
    expect.stringMatching(
      /^\S*myapp\.\S+ TXT "heritage=external-dns,external-dns\/owner=corp,external-dns\/resource=ingress\/default\/myapp"$/,
    ),
  ]);
});

test("the record follows the Ingress's address (FT-91)", async () => {
  setAddress("myapp", "172.20.1.9");

  await zoneBecomes("the other address", (seen) => seen.includes(`myapp.${ZONE}. A 172.20.1.9`));
});

test("neither names of other domains nor records that others made are touched (FT-91, F-35)", async () => {
  const mine = { Name: `db.${ZONE}`, Type: "A", TTL: 60, ResourceRecords: [{ Value: "10.1.0.7" }] };
  await awsAnswers(aws, "eu-west-1", [
    [
      "route53",
      "change_resource_record_sets",
      {
        HostedZoneId: zoneId,
        ChangeBatch: { Changes: [{ Action: "CREATE", ResourceRecordSet: mine }] },
      },
    ],
  ]);
  ingress("db", `db.${ZONE}`, "172.20.0.10");
  ingress("elsewhere", "www.example.org", "172.20.0.11");
  // It goes by all Ingresses at once: when this one has its record, it has seen the others.
  ingress("last", `last.${ZONE}`, "172.20.0.12");

  const records = await zoneBecomes("a record of last", (seen) => seen.some((one) => one.startsWith("last.")));
  expect(records.filter((one) => one.includes(" A ")).sort()).toEqual([
    `db.${ZONE}. A 10.1.0.7`,
    `last.${ZONE}. A 172.20.0.12`,
    `myapp.${ZONE}. A 172.20.1.9`,
  ]);
});

test("records go with their Ingresses, and those of others stay (FT-91)", async () => {
  kubernetes.admin("delete", "ingress", "--all");

  await zoneBecomes("only what others made", (seen) => seen.join() === `db.${ZONE}. A 10.1.0.7`);
});

test("behind a proxy it gets its variables by the secret of the pages, which its pod reads (FT-91, FT-95)", () => {
  const command = asWritten("kubectl -n external-dns create secret generic external-dns-proxy");
  inFolder(command.replace("HTTPS_PROXY=…", "HTTPS_PROXY=http://10.1.2.3:3128").replace("NO_PROXY=…", "NO_PROXY=.svc"));

  const secret = kubernetes.admin("--namespace=external-dns", "get", "secret", "external-dns-proxy", "-o", "json");
  const { data } = JSON.parse(secret) as { data: Record<string, string> };
  expect(Object.keys(data).sort()).toEqual(["HTTPS_PROXY", "NO_PROXY"]);
  const from = "jsonpath={.spec.template.spec.containers[0].envFrom[*].secretRef.name}";
  expect(kubernetes.admin("--namespace=external-dns", "get", "deployment", "external-dns", "-o", from)).toBe(
    "external-dns-proxy",
  );
});
