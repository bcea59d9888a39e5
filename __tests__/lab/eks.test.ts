import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { parse } from "yaml";
import { pythonEnvironment } from "../../lab/artifacts/python-environment";
import { capture, type Artifacts } from "../../lab/commands/cluster";
import { environment, operatorCommand, status } from "../../lab/lab";
import { stateFolder } from "../../lab/machines/leftovers";
import { projectFolder } from "../../lab/terraform/workspace";
import { asWritten } from "../support/page-commands";
import { remediesOf } from "../support/troubleshooting";
import { diagnose, EksStack, impatient, onMachine, withoutAwsAuth, type Json } from "./eks-cluster";
import { operate } from "./operate";
import { Api, becomes, eventually } from "./operator";
import { endOwnLab, startOwnLab } from "./own-lab";

// EKS as main.ts has it, on control planes of the real programs whose authenticator asks the lab's STS: broken at the point
// where people fail, put right, asked, destroyed. In order, since each test begins where the one before it ended.
const minutes = (count: number): number => count * 60_000;
let artifacts: Artifacts;
let eks: EksStack;
let configMap: EksStack;
/** When the kubelets of a group were started, and how often. */
const kubelets = (stack: EksStack, group: string): string[] =>
  stack.machines(group).map((machine) => onMachine(machine, "systemctl show kubelet -P MainPID -P NRestarts").output);
let startedKubelets: string[];

beforeAll(async () => {
  artifacts = await startOwnLab();
  eks = new EksStack("eks", artifacts);
  configMap = new EksStack("config-map", artifacts, join(__dirname, "eks.app.ts"));
  await eks.terraform.init();
  await configMap.terraform.init();
}, minutes(45));
afterAll(endOwnLab, minutes(2));

describe("without aws-auth", () => {
  let said: string;
  let saidOfConfigMap: string;
  beforeAll(async () => {
    // Beside each other: an account has room for both.
    [said, saidOfConfigMap] = await Promise.all([
      eks.failure((json) => impatient(withoutAwsAuth(json))),
      configMap.failure((json) => impatient(withoutAwsAuth(json))),
    ]);
    // An apply that ended earlier has no outputs; it says itself why.
    expect([said, saidOfConfigMap]).toEqual([0, 1].map(() => expect.stringContaining("wait-for-nodes") as string));
    await eks.cluster.saveAccess(eks.terraform, artifacts);
    await configMap.cluster.saveAccess(configMap.terraform, artifacts);
    // Machines may be slower than the wait was patient.
    await becomes("kubelets", () => kubelets(eks, "workers").every((one) => /^[1-9]/.test(one)), true, 120);
    startedKubelets = kubelets(eks, "workers");
  }, minutes(10));

  test("no node joins in API_AND_CONFIG_MAP, and the apply says that aws-auth is missing (F-23, FT-78, S3-04)", () => {
    expect(said).toMatch(
      /^null_resource\.cluster_nodes_\w+: error: wait-for-nodes for eks: 0 of 2 nodes are Ready after 15 s, 0 have joined: there is no aws-auth: nobody has mapped arn:aws:iam::\d+:role\/eks-node-\S+, so kubelets get Unauthorized; run terraform apply/,
    );
    expect(eks.nodes()).toEqual({});
    expect(eks.machines("workers").map(({ state }) => state)).toEqual(["running", "running"]);
    expect(startedKubelets).toHaveLength(2);
  });

  test(
    "EKS lets its own nodes in in CONFIG_MAP, and ours stay outside, which the apply says (F-23, FT-69, FT-78)",
    async () => {
      // Whether the one node is Ready by then is a matter of seconds; that the other never will be is said in any case.
      expect(saidOfConfigMap).toMatch(
        /error: wait-for-nodes for config-map: [01] of 2 nodes are Ready after 15 s, [01] have joined: aws-auth does not map (arn:\S+:role\/config-map-node-\w+), so kubelets of its nodes get Unauthorized: it maps arn:\S+:role\/config-map-managed-\w+; run terraform apply/,
      );
      await becomes("EKS's own node", () => Object.values(configMap.nodes()).join() === "True", true, 120);
      const rows = "jsonpath={.items[*].metadata.labels.eks\\.amazonaws\\.com/nodegroup}";
      expect(configMap.kubectl("get", "nodes", "--output", rows)).toMatch(/^theirs-\S+$/);
    },
    minutes(3),
  );

  test(
    "the check on the node says that its role is not let in (FT-83, S3-06, S3-07)",
    async () => {
      const refused =
        /^FAILED {2}kubelet is not let in \(Unauthorized\): its role is eks-node-\w+, and aws-auth has no entry for it: .*; apply the aws-auth step, /m;
      const check = (): ReturnType<typeof diagnose> => diagnose(eks.machines("workers")[0]!);

      const { status: code } = await eventually("the check", check, ({ output }) => refused.test(output), 60);
      expect(code).toBe(1);
    },
    minutes(2),
  );

  test(
    "a wrong role in the map leads to the apply that names both (F-24, FT-78)",
    async () => {
      const wrong = (json: Json): Json => {
        const text = JSON.stringify(impatient(json)).replaceAll(
          /(rolearn\\+":\\+")\$\{[^}]*\}/g,
          "$1arn:aws:iam::123456789012:role/other",
        );
        return JSON.parse(text) as Json;
      };
      expect(await eks.failure(wrong)).toMatch(
        /error: wait-for-nodes for eks: 0 of 2 nodes are Ready .*: aws-auth does not map arn:\S+:role\/eks-node-\w+, so kubelets of its nodes get Unauthorized: it maps arn:aws:iam::123456789012:role\/other; /,
      );
    },
    minutes(3),
  );
});

describe("with aws-auth", () => {
  test(
    "the nodes join without a restart of anything (F-23, FT-75, FT-78, S3-08)",
    async () => {
      await Promise.all([eks.apply(), configMap.apply()]);

      const names = (stack: EksStack, group: string): string[] =>
        stack.machines(group).map((machine) => `ip-${machine.private!.replaceAll(".", "-")}.ec2.internal`);
      expect(eks.nodes()).toEqual(Object.fromEntries(names(eks, "workers").map((name) => [name, "True"])));
      expect(Object.values(configMap.nodes())).toEqual(["True", "True"]);
      expect(kubelets(eks, "workers")).toEqual(startedKubelets);
      expect(diagnose(eks.machines("workers")[0]!)).toMatchObject({
        status: 0,
        output: expect.stringMatching(/^ok {6}kubelet has joined: /m) as string,
      });
    },
    minutes(5),
  );

  test("aws-auth is exactly this, with what was wrong taken away (FT-75, S3-11)", async () => {
    const { data } = JSON.parse(
      eks.kubectl("get", "configmap", "aws-auth", "--namespace=kube-system", "--output=json"),
    ) as { data: Record<string, string> };

    expect(Object.keys(data)).toEqual(["mapRoles"]);
    expect(parse(data["mapRoles"]!)).toEqual([
      {
        rolearn: await eks.terraform.output("node_role_arn"),
        username: "system:node:{{EC2PrivateDNSName}}",
        groups: ["system:bootstrappers", "system:nodes"],
      },
    ]);
  });

  test(
    "a second plan changes nothing (FT-02)",
    async () => {
      for (const stack of [eks, configMap]) expect((await stack.terraform.plan()).output).toMatch(/^No changes\./m);
    },
    minutes(2),
  );

  test("nodes have the labels and taints of their groups (FT-73)", () => {
    const rows = '{range .items[*]}{.metadata.labels.kept} {.spec.taints[?(@.key=="kept")].value}{"\\n"}{end}';
    const found = configMap.kubectl("get", "nodes", "--output", `jsonpath=${rows}`).split("\n").sort();

    expect(found).toEqual(["", " by-eks", "by-us "]);
  });

  test(
    "a pod runs, and its log and its shell are reached through certificates that EKS approves (FT-78)",
    async () => {
      const image = "registry.k8s.io/e2e-test-images/agnhost:2.63.0";
      // The controller that makes the namespace's account needs a moment after the cluster came up.
      await eventually(
        "a pod",
        () => run(() => eks.kubectl("run", "web", `--image=${image}`, "--", "netexec")),
        Boolean,
        60,
      );
      eks.kubectl("wait", "pod/web", "--for=condition=Ready", "--timeout=90s");

      expect(eks.kubectl("exec", "web", "--", "hostname").trim()).toBe("web");
      await becomes("the log", () => eks.kubectl("logs", "web").includes("Started HTTP server"), true, 30);
    },
    minutes(3),
  );

  const run = (step: () => unknown): boolean => {
    try {
      return step() !== undefined;
    } catch {
      return false;
    }
  };

  test(
    "another's entry survives two applies and a failing one (FT-75, LD-12)",
    async () => {
      const foreign = `- rolearn: "arn:aws:iam::123456789012:role/ops" # theirs\n  username: ops\n  groups: [ viewers ]\n`;
      const mapRoles = (): string =>
        eks.kubectl("get", "configmap", "aws-auth", "--namespace=kube-system", "--output=jsonpath={.data.mapRoles}");
      const patch = JSON.stringify({ data: { mapRoles: foreign + mapRoles() } });
      eks.kubectl("patch", "configmap", "aws-auth", "--namespace=kube-system", "--type=merge", `--patch=${patch}`);
      const before = mapRoles();
      expect(before.startsWith(foreign)).toBe(true);
      const again = `-replace=${Object.keys(eks.json.resource["null_resource"]!)
        .filter((name) => /^cluster_aws-auth_[0-9A-F]+$/.test(name))
        .map((name) => `null_resource.${name}`)
        .join()}`;

      await eks.apply((json) => json, again);
      expect(mapRoles()).toBe(before);
      // A role that another has mapped otherwise is refused, and nothing is written.
      const clash = (json: Json): Json =>
        JSON.parse(
          JSON.stringify(json).replaceAll(/(rolearn\\+":\\+")\$\{[^}]*\}/g, "$1arn:aws:iam::123456789012:role/ops"),
        ) as Json;
      expect(await eks.failure(clash)).toMatch(
        /error: apply-aws-auth for eks: aws-auth maps arn:aws:iam::123456789012:role\/ops otherwise, and eks\.cluster\.aws-auth did not write that: /,
      );
      expect(mapRoles()).toBe(before);
      await eks.apply();
      expect(mapRoles()).toBe(before);
    },
    minutes(4),
  );
});

test("its output is the command that makes a kubeconfig (FT-95)", () => {
  const command = asWritten("terraform output -raw update_kubeconfig");

  expect(operate(eks.cluster, artifacts, command)).toEqual({
    code: 0,
    output: "aws eks update-kubeconfig --region us-east-1 --name eks",
  });
});

describe("docs/troubleshooting.md", () => {
  test.each(remediesOf("eks"))("$heading: the command says on this cluster that it is well", async (remedy) => {
    const { place, command, well } = remedy;
    const [node] = eks.machines("workers");

    expect(place === "eks-node" ? onMachine(node!, `cd /root && ${command}`) : await inClone(command)).toMatchObject({
      status: 0,
      output: expect.stringContaining(well) as string,
    });
  });

  /** As a person does who has the aws command and kubectl, in the project's folder. */
  async function inClone(command: string): Promise<{ status: number | null; output: string }> {
    const { python } = await pythonEnvironment(() => undefined);
    const variables = {
      ...environment(),
      PATH: [join(__dirname, "../support/aws-command"), dirname(artifacts.kubectl), process.env["PATH"]].join(":"),
      AWS_PYTHON: python,
      // The command's first version reads this one alone.
      AWS_DEFAULT_REGION: environment()["AWS_REGION"],
      KUBECONFIG: eks.cluster.kubeconfigPath,
    };
    const set = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
    const run = capture(operatorCommand(["env", `--chdir=${projectFolder}`, ...set, "bash", "-c", command]));
    return { status: run.status, output: `${run.stdout}${run.stderr}` };
  }
});

describe("access entries", () => {
  const whoami = (): string => {
    const [machine] = configMap.machines("own");
    const command =
      "kubectl --kubeconfig=/var/lib/kubelet/kubeconfig auth whoami --output=jsonpath={.status.userInfo.groups}";
    return onMachine(machine!, command).output;
  };
  const ask = async (call: string, given: object): Promise<{ error?: string }> =>
    (await api.ask("eks", call, given)) as { error?: string };
  let api: Api;
  let principalArn: string;
  beforeAll(async () => {
    api = await Api.open();
    principalArn = String(await configMap.terraform.output("node_role_arn"));
  });
  afterAll(() => api.close());

  test(
    "let a node in as the authentication mode says: instead of aws-auth, and not in CONFIG_MAP (FT-77)",
    async () => {
      const entry = { clusterName: "config-map", principalArn, type: "EC2_LINUX" };
      const mode = (authenticationMode: string): Promise<{ error?: string }> =>
        ask("update_cluster_config", { name: "config-map", accessConfig: { authenticationMode } });
      expect(whoami()).toBe('["system:bootstrappers","system:nodes","system:authenticated"]');
      expect((await ask("create_access_entry", entry)).error).toBe("InvalidParameterException");

      // aws-auth counts no longer, and nobody is there in its place.
      expect((await mode("API_AND_CONFIG_MAP")).error).toBeUndefined();
      expect((await mode("API")).error).toBeUndefined();
      await becomes("nobody let in", () => whoami().includes("Unauthorized"), true, 60);
      expect((await ask("create_access_entry", entry)).error).toBeUndefined();
      await becomes("the node let in", () => whoami() === '["system:nodes","system:authenticated"]', true, 60);
    },
    minutes(4),
  );
});

test(
  "destroy leaves nothing: no control plane, machine or interface (FT-02)",
  async () => {
    await Promise.all([eks.terraform.destroy(() => undefined), configMap.terraform.destroy(() => undefined)]);

    expect(await eks.terraform.state()).toEqual([]);
    await becomes(
      "an empty lab",
      () => status()?.machines.length === 0 && status()?.controlPlanes.length === 0,
      true,
      30,
    );
    const folders = (name: string): string[] => {
      const folder = join(stateFolder, name);
      return existsSync(folder) ? readdirSync(folder) : [];
    };
    expect([folders("machines"), folders("eks")]).toEqual([[], ["etcd"]]);
    expect(status()?.problem).toBeNull();
  },
  minutes(5),
);
