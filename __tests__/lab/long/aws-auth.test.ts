import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { prepare } from "../../../lab/artifacts/prepare";
import { projectFolder } from "../../../lab/terraform/workspace";
import { ApiServer, tokens } from "../../support/api-server";

// The scripts that Terraform runs for EKS, against a real API server; who has joined is told to it by hand.
jest.setTimeout(120_000);

const NODE_ROLE = "arn:aws:iam::123456789012:role/demo-node";
const nodeRole = (rolearn = NODE_ROLE): object => ({
  rolearn,
  username: "system:node:{{EC2PrivateDNSName}}",
  groups: ["system:bootstrappers", "system:nodes"],
});
const foreignRole = "arn:aws:iam::123456789012:role/ops";
// As people write it: comments, anchors, flow and block, quotes of both kinds.
const foreignText = `# written by hand
- rolearn: "${foreignRole}"
  username: ops-{{SessionName}}   # who it was
  groups: [ 'system:masters' ]
`;

const TOOLS = "awk basename cat cut date dirname grep head mkdir mktemp rm sed sleep sort tail tr wc".split(" ");

let api: ApiServer;
let folder: string;
beforeAll(async () => {
  await prepare({ log: (line) => void process.stderr.write(`${line}\n`) });
  api = await ApiServer.start();
}, 45 * 60_000);
afterAll(() => api?.stop());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "aws-auth-"));
  // What every system has, and kubectl; not jq, not aws, not python.
  for (const tool of TOOLS) symlinkSync(execFileSync("which", [tool], { encoding: "utf8" }).trim(), join(folder, tool));
  symlinkSync(api.kubectl, join(folder, "kubectl"));
});
afterEach(() => {
  api.admin("delete", "configmap", "aws-auth", "--namespace=kube-system", "--ignore-not-found");
  rmSync(folder, { recursive: true, force: true });
});

interface Said {
  readonly status: number | null;
  readonly said: string;
}
let runs = 0;

/** Runs a script as Terraform does, with a token of its own. */
function run(
  script: string,
  variables: Readonly<Record<string, string>> = {},
  token: string = tokens.admin,
): Promise<Said> {
  const tokenFile = join(folder, `token-${(runs += 1)}`);
  writeFileSync(tokenFile, token, { mode: 0o600 });
  const env = {
    PATH: folder,
    HOME: join(folder, "nobody"),
    CLUSTER_NAME: "demo",
    CLUSTER_ENDPOINT: api.url,
    CLUSTER_CA_DATA: Buffer.from(api.certificate).toString("base64"),
    AWS_REGION: "eu-west-1",
    TOKEN_FILE: tokenFile,
    OWNER: "demo",
    MAP_ROLES_JSON: JSON.stringify([nodeRole()]),
    MAP_USERS_JSON: "[]",
    MAP_ACCOUNTS_JSON: "[]",
    TIMEOUT_SECONDS: "1",
    ...variables,
  };
  return new Promise((resolve, reject) => {
    const child = spawn("/bin/bash", [join(projectFolder, "scripts", "eks", `${script}.sh`)], {
      cwd: folder,
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (data: Buffer) => (said += data.toString()));
    child.on("error", reject);
    child.on("close", (status) => {
      // The token is gone, however it ended.
      if (existsSync(tokenFile)) reject(new Error(`${script} left its token: ${said}`));
      else resolve({ status, said: said.replaceAll(/^\d\d:\d\d:\d\d {2}/gm, "") });
    });
  });
}
const apply = (variables: Readonly<Record<string, string>> = {}, token?: string): Promise<Said> =>
  run("apply-aws-auth", variables, token);
const roles = (...list: object[]): Record<string, string> => ({ MAP_ROLES_JSON: JSON.stringify(list) });

interface ConfigMap {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>>; readonly resourceVersion: string };
  readonly data: Readonly<Record<string, string>>;
}
const stored = (): ConfigMap =>
  JSON.parse(api.admin("get", "configmap", "aws-auth", "--namespace=kube-system", "--output=json")) as ConfigMap;
const has = (data: Readonly<Record<string, string>>): string =>
  api.adminWith(
    JSON.stringify({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "aws-auth", namespace: "kube-system" },
      data,
    }),
    ...["apply", "--filename=-"],
  );

test("maps a node's role where nothing is mapped, and a second run changes nothing (FT-75, S3-11)", async () => {
  expect(await apply()).toEqual({ status: 0, said: `aws-auth: added ${NODE_ROLE}\n` });
  const first = stored();
  expect(first.data).toEqual({
    mapRoles:
      `- {"groups":["system:bootstrappers","system:nodes"],"rolearn":"${NODE_ROLE}",` +
      '"username":"system:node:{{EC2PrivateDNSName}}"}\n',
  });

  expect(await apply()).toEqual({ status: 0, said: "aws-auth is as it shall be\n" });
  expect(stored()).toEqual(first);
});

test("leaves what others wrote as it is, byte for byte, also when an apply fails (FT-75, LD-12, S3-12)", async () => {
  has({ mapRoles: foreignText, mapUsers: "[]\n", note: "x" });
  expect(await apply()).toMatchObject({ status: 0 });
  const { data } = stored();
  expect(data["mapRoles"]!.startsWith(foreignText)).toBe(true);
  expect(data).toMatchObject({ mapUsers: "[]\n", note: "x" });

  expect((await apply({}, "wrong")).said).toMatch(/^error: apply-aws-auth for demo: .*\(Unauthorized\)/m);
  expect(await apply(roles(nodeRole(), nodeRole(`${NODE_ROLE}-2`)))).toMatchObject({ status: 0 });
  expect(await apply(roles(nodeRole(`${NODE_ROLE}-2`)))).toEqual({
    status: 0,
    said: `aws-auth: took away ${NODE_ROLE}\n`,
  });
  const ours = data["mapRoles"]!.slice(foreignText.length);
  expect(stored().data["mapRoles"]).toBe(foreignText + ours.replace("demo-node", "demo-node-2"));
});

test.each<[string, string]>([
  ["in flow style", `[{rolearn: ${foreignRole}, username: ops, groups: [a, "b \\" c"]}]`],
  [
    "indented, behind a document's beginning",
    `---\n   - rolearn: ${foreignRole}\n     username: ops\n     groups: [a, 'b " c']\n`,
  ],
  ["as one that has no ARN", `- {rolearnLike: "arn:*", username: ops, groups: []}`],
  ["with no line break at its end", `- rolearn: ${foreignRole}\n  username: |-\n    two\n    lines`],
])("keeps another's entry %s (FT-75, LD-12)", async (_, text) => {
  has({ mapRoles: text });
  expect(await apply()).toMatchObject({ status: 0 });
  const both = parsed(stored().data["mapRoles"]!);
  expect(both).toEqual([...parsed(text), nodeRole()]);
  expect(await apply()).toMatchObject({ status: 0, said: "aws-auth is as it shall be\n" });
});

/** The entries as YAML has them, read by a program that the scripts know nothing of. */
function parsed(text: string): unknown[] {
  return parse(text) as unknown[];
}

test("updates its own entry that was changed by hand, in another style too (FT-75)", async () => {
  await apply();
  const annotations = stored().metadata.annotations;
  const edited = `- rolearn: ${NODE_ROLE}\n  username: nobody\n  groups: []\n- rolearn: ${foreignRole}\n  username: ops\n`;
  const patch = JSON.stringify({ data: { mapRoles: edited } });
  api.admin("patch", "configmap", "aws-auth", "--namespace=kube-system", "--type=merge", `--patch=${patch}`);

  expect(await apply()).toMatchObject({ status: 0 });
  expect(parsed(stored().data["mapRoles"]!)).toEqual([{ rolearn: foreignRole, username: "ops" }, nodeRole()]);
  expect(stored().metadata.annotations).toEqual(annotations);
});

test("refuses to change what another wrote for the same role, and takes it as it is where it is the same (FT-75)", async () => {
  has({ mapRoles: `- rolearn: ${NODE_ROLE}\n  username: ops\n  groups: [system:masters]\n` });
  const before = stored();
  expect(await apply()).toMatchObject({
    status: 1,
    said: expect.stringMatching(
      /^error: apply-aws-auth for demo: aws-auth maps arn:\S+demo-node otherwise, and demo did not write that: .*; take that entry away .*\n$/,
    ) as string,
  });
  expect(stored()).toEqual(before);

  has({ mapRoles: JSON.stringify([nodeRole()]) });
  expect(await apply()).toMatchObject({ status: 0, said: "aws-auth is as it shall be\n" });
  // It is not ours: a later apply without it leaves it.
  expect(await apply(roles(nodeRole(`${NODE_ROLE}-2`)))).toMatchObject({ status: 0 });
  expect(parsed(stored().data["mapRoles"]!)).toEqual([nodeRole(), nodeRole(`${NODE_ROLE}-2`)]);
});

test("does not empty the map (FT-75)", async () => {
  await apply();
  const before = stored();
  expect(await apply({ MAP_ROLES_JSON: "[]" })).toMatchObject({
    status: 1,
    said: expect.stringContaining(
      "the map would be empty, and nobody but its creator could reach the cluster",
    ) as string,
  });
  expect(stored()).toEqual(before);
});

test("two owners keep apart, at the same time too (FT-75)", async () => {
  const owners = ["a", "b", "c", "d"];
  const said = await Promise.all(
    owners.map((OWNER) =>
      apply({
        OWNER,
        ...roles(nodeRole(`${NODE_ROLE}-${OWNER}`)),
        MAP_USERS_JSON: JSON.stringify([
          { userarn: `arn:aws:iam::123456789012:user/${OWNER}`, username: OWNER, groups: [] },
        ]),
        MAP_ACCOUNTS_JSON: '["012345678901"]',
        TIMEOUT_SECONDS: "60",
      }),
    ),
  );
  expect(said.map(({ status }) => status)).toEqual([0, 0, 0, 0]);
  const names = (text: string, key: string): unknown[] =>
    parsed(text)
      .map((entry) => (entry as Record<string, unknown>)[key])
      .sort();
  const { data } = stored();
  expect(names(data["mapRoles"]!, "rolearn")).toEqual(owners.map((owner) => `${NODE_ROLE}-${owner}`));
  expect(names(data["mapUsers"]!, "username")).toEqual(owners);
  expect(data["mapAccounts"]).toBe('- "012345678901"\n');

  expect(await apply({ OWNER: "b", ...roles(nodeRole(`${NODE_ROLE}-b`)) })).toMatchObject({ status: 0 });
  expect(names(stored().data["mapUsers"]!, "username")).toEqual(["a", "c", "d"]);
});

test.each<[string, string, Record<string, string>, RegExp]>([
  [
    "YAML that is broken",
    "- rolearn: [\n",
    {},
    /mapRoles of aws-auth is not a list of YAML, so nothing was written: .*yaml.*; mend it with/,
  ],
  ["a map that is no list", "rolearn: x\n", {}, /mapRoles of aws-auth is not a list of YAML/],
])("says what is wrong with %s, and writes nothing (FT-75)", async (_, mapRoles, variables, expected) => {
  has({ mapRoles });
  const before = stored();
  const { status, said } = await apply(variables);
  expect(status).toBe(1);
  expect(said).toMatch(expected);
  expect(said.trimEnd().split("\n")).toHaveLength(1);
  expect(stored()).toEqual(before);
});

test.each<[string, Record<string, string>, string, RegExp]>([
  [
    "no way",
    { CLUSTER_ENDPOINT: "https://127.0.0.1:1" },
    tokens.admin,
    /the API cannot be reached: https:\/\/127\.0\.0\.1:1: .*refused.*; check that its public access CIDRs/,
  ],
  [
    "no such name",
    { CLUSTER_ENDPOINT: "https://no.such.invalid" },
    tokens.admin,
    /the API cannot be reached: https:\/\/no\.such\.invalid: /,
  ],
  [
    "a token that nobody knows",
    {},
    "k8s-aws-v1.expired",
    /the API does not accept the token \(Unauthorized\): https:\S+; it lives 15 minutes/,
  ],
  [
    "an identity that may not",
    {},
    tokens.stranger,
    /the identity that runs Terraform may not do this: .*stranger.*; give it the access policy/,
  ],
  [
    "another's certificate",
    { CLUSTER_CA_DATA: Buffer.from(otherCertificate()).toString("base64") },
    tokens.admin,
    /the certificate of https:\S+ is not from the cluster's authority/,
  ],
  ["a list that is none", { MAP_ROLES_JSON: "{" }, tokens.admin, /MAP_ROLES_JSON is no list/],
  ["an owner that is no name", { OWNER: "a b" }, tokens.admin, /OWNER is 'a b': it names an annotation/],
])("fails in one sentence with %s (FT-75)", async (_, variables, token, expected) => {
  const { status, said } = await apply(variables, token);
  const errors = said.split("\n").filter((line) => line.startsWith("error: "));
  expect([status, errors]).toEqual([1, [expect.stringMatching(expected)]]);
  expect(said.trimEnd().split("\n").at(-1)).toBe(errors[0]);
});

/** A certificate that is well, and not the API server's. */
function otherCertificate(): string {
  const key = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=other -days 1 -keyout /dev/null";
  return execFileSync("openssl", key.split(" "), { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
}

test("fails in one sentence with no kubectl, which is asked for before anything is made (FT-75)", async () => {
  expect(await run("check-tools")).toEqual({ status: 0, said: "" });
  rmSync(join(folder, "kubectl"));
  for (const script of ["check-tools", "apply-aws-auth"])
    expect(await run(script)).toEqual({
      status: 1,
      said: expect.stringMatching(
        `^error: ${script} for demo: kubectl is not on PATH: PATH is ${folder}; install it .*\n$`,
      ) as string,
    });
});

describe("the wait for nodes", () => {
  const wait = (variables: Readonly<Record<string, string>> = {}): Promise<Said> =>
    run("wait-for-nodes", {
      EXPECTED_NODES: "2",
      AUTHENTICATION_MODE: "CONFIG_MAP",
      NODE_ROLE_ARNS: NODE_ROLE,
      ...variables,
    });
  const nodeIs = (name: string, ready: string, message = "kubelet is posting ready status"): void => {
    api.adminWith(JSON.stringify({ apiVersion: "v1", kind: "Node", metadata: { name } }), "apply", "--filename=-");
    const condition = {
      type: "Ready",
      status: ready,
      reason: "x",
      message,
      lastHeartbeatTime: null,
      lastTransitionTime: null,
    };
    const patch = JSON.stringify({ status: { conditions: [condition] } });
    api.admin("patch", "node", name, "--subresource=status", "--type=merge", `--patch=${patch}`);
  };
  afterEach(() => api.admin("delete", "nodes", "--all"));

  test("returns when as many as expected are Ready (FT-78, S2-26)", async () => {
    nodeIs("ip-10-0-0-1.ec2.internal", "True");
    const waiting = wait({ TIMEOUT_SECONDS: "60" });
    nodeIs("ip-10-0-0-2.ec2.internal", "True");
    expect(await waiting).toMatchObject({
      status: 0,
      said: expect.stringMatching(/2 of 2 nodes are Ready\n$/) as string,
    });
  });

  test("names the missing aws-auth when no node joins (FT-78, FT-83, F-23)", async () => {
    const { status, said } = await wait();
    expect(status).toBe(1);
    expect(said).toMatch(
      /^error: wait-for-nodes for demo: 0 of 2 nodes are Ready after 1 s, 0 have joined: there is no aws-auth: nobody has mapped arn:\S+demo-node, so kubelets get Unauthorized; run terraform apply/m,
    );
  });

  test.each<[string, object, RegExp]>([
    [
      "another role",
      nodeRole(foreignRole),
      /aws-auth does not map arn:\S+demo-node, so kubelets of its nodes get Unauthorized: it maps arn:\S+ops; /,
    ],
    [
      "the instance profile",
      nodeRole("arn:aws:iam::123456789012:instance-profile/demo-node"),
      /aws-auth maps an instance profile: arn:\S+; name the role in it/,
    ],
    [
      "the role with its path",
      nodeRole("arn:aws:iam::123456789012:role/eks/demo-node"),
      /leave the path out, arn:aws:iam::ACCOUNT:role\/demo-node/,
    ],
    [
      "the role without a node's groups",
      { ...nodeRole(), groups: ["system:nodes"] },
      /aws-auth gives \S+ not the groups of a node/,
    ],
    [
      "the role with a name that is no node's",
      { ...nodeRole(), username: "node" },
      /aws-auth gives \S+ another name than a node's/,
    ],
  ])("names %s in aws-auth (FT-78, FT-83, F-24)", async (_, entry, expected) => {
    has({ mapRoles: JSON.stringify([entry]) });
    const { status, said } = await wait();
    expect(status).toBe(1);
    expect(said).toMatch(expected);
  });

  test("looks elsewhere where aws-auth is right, or has no say (FT-78)", async () => {
    await apply();
    const elsewhere =
      /the cluster admits the nodes' roles.*do not reach https:\S+; see the activity of the groups demo-a demo-b/;
    for (const AUTHENTICATION_MODE of ["CONFIG_MAP", "API"])
      expect((await wait({ AUTHENTICATION_MODE, GROUP_NAMES: "demo-a demo-b" })).said).toMatch(elsewhere);
  });

  test("names the node that has no pod network, and the one that went silent (FT-78, F-25)", async () => {
    const message =
      "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized";
    nodeIs("ip-10-0-0-1.ec2.internal", "False", message);
    nodeIs("ip-10-0-0-2.ec2.internal", "Unknown", "Kubelet stopped posting node status.");
    const { status, said } = await wait();
    expect(status).toBe(1);
    expect(said).toMatch(
      /^FOUND {2}ip-10-0-0-1\.ec2\.internal has no pod network: .*; see that the add-on vpc-cni is ACTIVE/m,
    );
    expect(said).toMatch(
      /^FOUND {2}ip-10-0-0-2\.ec2\.internal is not Ready: Kubelet stopped posting node status\.; see journalctl/m,
    );
    expect(said).toContain("0 of 2 nodes are Ready after 1 s, 2 have joined");
  });
});
