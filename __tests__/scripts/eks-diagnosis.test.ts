import { spawn } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { ScratchMachine, scripts } from "./support/machine";

jest.setTimeout(60_000);

/** A metadata service that speaks version 2 alone, of an instance with a role. */
const answers: Readonly<Record<string, string>> = {
  "/latest/meta-data/iam/security-credentials/": "demo-node",
  "/latest/meta-data/instance-type": "t3.medium",
};
const server = createServer((request, response) => {
  const url = request.url ?? "";
  if (request.method === "PUT" && url === "/latest/api/token") return response.end("token");
  const text = request.headers["x-aws-ec2-metadata-token"] === "token" ? answers[url] : undefined;
  response.statusCode = text === undefined ? 401 : 200;
  response.end(text ?? "");
});
beforeAll(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
afterAll(() => new Promise<void>((resolve) => server.close(() => resolve())));

let machine: ScratchMachine;
beforeEach(() => {
  machine = new ScratchMachine();
});
afterEach(() => machine.remove());

/** What the check says of a node with these logs. */
function check(kubelet: string, cni?: string): Promise<{ status: number | null; said: string }> {
  machine.write("commands/journal", kubelet);
  if (cni !== undefined) machine.write("var/log/aws-routed-eni/ipamd.log", cni);
  const env = {
    PATH: `${machine.root}/commands:${process.env["PATH"]}`,
    ROOT: machine.root,
    COMMANDS: join(machine.root, "commands"),
    METADATA: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  };
  return new Promise((resolve, reject) => {
    const child = spawn("bash", [join(scripts, "verify", "eks-node.sh")], { env, stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (data: Buffer) => (said += data.toString()));
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, said }));
  });
}

const joined =
  'I1121 07:05:11.277323 276 kubelet_node_status.go:78] "Successfully registered node" node="ip-10-0-0-1.ec2.internal"\n';
const unauthorized =
  'E1121 07:04:57.129685 276 kubelet_node_status.go:108] "Unable to register node with API server" err="Unauthorized" node="ip-10-0-0-1.ec2.internal"\n';
const waiting =
  'E1121 07:04:57.202 276 kubelet.go:3516] "Unable to register mirror pod because node is not registered yet" err="node not found"\n';

// Lines as kubelet 1.36 and, for Unauthorized, the 1.11 of the source have them.
test.each<[string, string, RegExp]>([
  [
    "Unauthorized",
    unauthorized + waiting,
    /^FAILED {2}kubelet is not let in \(Unauthorized\): its role is demo-node, and aws-auth has no entry for it: E1121 .*; apply the aws-auth step/m,
  ],
  [
    "Unauthorized, as the source has it",
    "reflector.go:134] k8s.io/client-go/informers/factory.go:131: Failed to list *v1.Node: Unauthorized\n",
    /aws-auth has no entry for it/,
  ],
  [
    "Forbidden",
    'E1121 07:04:57.129685 276 kubelet_node_status.go:108] "Unable to register node with API server" err="nodes is forbidden: User \\"node\\" cannot create resource \\"nodes\\""\n',
    /^FAILED {2}kubelet is let in, but not as a node \(Forbidden\): .*system:bootstrappers and system:nodes$/m,
  ],
  [
    "no credentials",
    'E1121 07:04:57 276 reflector.go:227] "Failed to watch" err="failed to list *v1.Node: Get \\"https://X.gr7.eu-west-1.eks.amazonaws.com/api/v1/nodes\\": getting credentials: exec: executable aws-iam-authenticator failed with exit code 1"\n',
    /^FAILED {2}kubelet has no token to show: its role is demo-node, .*; give the launch template the instance profile/m,
  ],
  [
    "another cluster's certificate",
    'E1121 07:04:57 276 reflector.go:227] "Failed to watch" err="Get \\"https://X\\": tls: failed to verify certificate: x509: certificate signed by unknown authority"\n',
    /^FAILED {2}kubelet does not trust the API server: .*another cluster's/m,
  ],
  [
    "no way to the endpoint",
    'E1121 07:04:57 276 kubelet_node_status.go:108] "Unable to register node with API server" err="Post \\"https://X\\": dial tcp 10.0.0.4:443: i/o timeout"\n',
    /^FAILED {2}kubelet does not reach the API server: .*port 443/m,
  ],
  [
    "a flag of another version",
    'E1121 run.go:72] command failed err="failed to parse kubelet flag: unknown flag: --container-runtime"\n',
    /^FAILED {2}kubelet does not know a flag that it is given: .*--container-runtime/m,
  ],
  [
    "nothing at all",
    "",
    /^FAILED {2}kubelet has never run: its log is empty; the user data of this instance does not start it/m,
  ],
  [
    "nothing that is known",
    'E1121 07:04:57 276 x.go:1] "Something odd" err="odd"\n',
    /^FAILED {2}kubelet has not joined: E1121 .*odd/m,
  ],
  [
    "no pod network",
    joined +
      'E1121 07:05:12 276 kubelet.go:3000] "Container runtime network not ready" networkReady="NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized"\n',
    /^FAILED {2}the node has no pod network: .*; see that the add-on vpc-cni is ACTIVE/m,
  ],
])("names the cause of a kubelet's log with %s (FT-83, F-23, S3-06, S3-07)", async (_, log, expected) => {
  const { status, said } = await check(log);

  expect(said).toMatch(expected);
  expect(status).toBe(1);
  expect(said.match(/^FAILED/gm)).toHaveLength(1);
});

test("what was wrong before a node joined is wrong no longer (FT-83)", async () => {
  expect(await check(unauthorized + waiting + joined)).toMatchObject({
    status: 0,
    said: expect.stringMatching(/^ok {6}kubelet has joined: I1121 .*Successfully registered node/m) as string,
  });
});

// The lines of the source; the newer ones are those of amazon-vpc-cni-k8s 1.20.
const healthy = `2018-09-28T06:04:59Z [DEBUG] Start increasing IP Pool size
2018-09-28T06:04:59Z [DEBUG] Skipping increase IPPOOL due to max ENI already attached to the instance : 3
2018-09-28T06:04:59Z [DEBUG] IP pool stats: total = 15, used = 9, c.currentMaxAddrsPerENI = 6, c.maxAddrsPerENI = 6
`;

test("finds nothing wrong in the log of a CNI that is well (FT-84, S3-20)", async () => {
  expect(await check(joined, healthy)).toMatchObject({
    status: 0,
    said: expect.stringMatching(/^ok {6}the CNI has addresses: 9 of 15 in use$/m) as string,
  });
});

test.each<[string, string, RegExp]>([
  [
    "an instance type that the CNI does not know",
    "2018-09-28T04:55:27Z [ERROR] Failed to get eni limit due to unknown instance type t3.medium\n",
    /^FAILED {2}the CNI does not know this instance type, .*unknown instance type t3\.medium; take a newer version of the add-on vpc-cni, or an older type \(t3\.medium\)$/m,
  ],
  [
    "a subnet without free addresses",
    '{"level":"error","msg":"Failed to increase pool size due to: failed to allocate ENI: InsufficientFreeAddressesInSubnet: The specified subnet does not have enough free addresses"}\n',
    /^FAILED {2}the subnet has no free address: .*eks-addresses\.sh counts what is free and what leaked$/m,
  ],
  [
    "an instance whose interfaces are full",
    healthy.replace("used = 9", "used = 15"),
    /^FAILED {2}the instance type has no more addresses for pods: 15 of 15 are in use and all interfaces attached/m,
  ],
  [
    "a role without the CNI's policy",
    '{"level":"error","msg":"AssignPrivateIpAddresses: UnauthorizedOperation: You are not authorized to perform this operation."}\n',
    /^FAILED {2}the CNI may not ask for addresses: .*AmazonEKS_CNI_Policy$/m,
  ],
])("names the cause of a CNI's log with %s (FT-84, F-25, F-26, F-27, S3-14, S3-19)", async (_, log, expected) => {
  const { status, said } = await check(joined, log);

  expect(said).toMatch(expected);
  expect(status).toBe(1);
  expect(said.match(/^FAILED/gm)).toHaveLength(1);
});
