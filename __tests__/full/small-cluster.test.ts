import { join } from "node:path";
import { agnhost } from "../../lab/artifacts/versions";
import { Cluster, capture, machineCommand, type Artifacts } from "../../lab/commands/cluster";
import type { Terraform } from "../../lab/terraform/terraform";
import { Api, eventually } from "../lab/operator";
import { endOwnLab, startOwnLab, testsFolder } from "../lab/own-lab";

const cluster = new Cluster("small", testsFolder);
const image = `registry.k8s.io/e2e-test-images/agnhost:${agnhost}`;
const minutes = (count: number): number => count * 60_000;

let artifacts: Artifacts;
let terraform: Terraform;

const kubectl = (...args: string[]): string => capture(cluster.kubectlCommand(artifacts.kubectl, args)).stdout;

beforeAll(async () => {
  // What an interrupted run left is of an account that is gone.
  cluster.forget();
  artifacts = await startOwnLab();
  cluster.synthesise(join(__dirname, "small-cluster.app.ts"));
  terraform = cluster.terraform(artifacts);
  await terraform.init();
}, minutes(45));

afterAll(endOwnLab, minutes(2));

test(
  "one thing at a time, an apply ends in a cluster all the same: no controller waits for one that has not begun (FT-49)",
  async () => {
    await terraform.apply(() => undefined, "-parallelism=1");
    await cluster.saveAccess(terraform, artifacts);

    expect(kubectl("get", "nodes", "--no-headers")).toMatch(/^worker-0 +Ready .*\nworker-1 +Ready /);
    expect((await terraform.plan()).changes).toBe(false);
  },
  minutes(15),
);

test("kube-proxy in nftables mode reaches Services (FT-46)", () => {
  const dig = ["dig", "+short", "+time=2", "+tries=5", "@10.79.0.10", "kubernetes.default.svc.cluster.local"];

  expect(capture(machineCommand("worker-0", dig)).stdout.trim()).toBe("10.79.0.1");
  expect(capture(machineCommand("worker-0", ["nft", "list", "tables"])).stdout).toContain("table ip kube-proxy");
});

describe("pods over vxlan", () => {
  const pod = (node: string): string => `on-${node}`;
  const addressOf = (node: string): string => kubectl("get", "pod", pod(node), "-o", "jsonpath={.status.podIP}");
  const inPod = (node: string, ...command: string[]): string => kubectl("exec", pod(node), "--", ...command);
  const reaches = (from: string, to: string): boolean =>
    inPod(from, "bash", "-c", `curl -sS -m 4 http://${addressOf(to)}:8080/hostname || true`) === pod(to);
  const pings = (from: string, to: string, bytes: number): boolean =>
    capture(machineCommand(from, ["ping", "-c1", "-W2", "-Mdo", `-s${bytes - 28}`, to])).status === 0;

  beforeAll(() => {
    for (const node of ["worker-0", "worker-1"]) {
      const spec = { nodeName: node, containers: [{ name: "agnhost", image, args: ["netexec"] }] };
      const manifest = { apiVersion: "v1", kind: "Pod", metadata: { name: pod(node) }, spec };
      const applied = capture(cluster.kubectlCommand(artifacts.kubectl, ["apply", "--filename=-"]), {
        input: JSON.stringify(manifest),
      });
      expect([applied.status, applied.stderr]).toEqual([0, ""]);
    }
    kubectl("wait", "pod", "--all", "--for=condition=Ready", "--timeout=110s");
  }, minutes(3));

  test("reach each other on different nodes, and Services and names (FT-54, S4-09)", () => {
    expect([reaches("worker-0", "worker-1"), reaches("worker-1", "worker-0")]).toEqual([true, true]);
    for (const node of ["worker-0", "worker-1"]) {
      const lookup = inPod(node, "busybox", "nslookup", "kubernetes.default.svc.cluster.local", "10.79.0.10");
      expect(lookup).toContain("10.79.0.1");
    }
  });

  test("do so without a route in the VPC, and controllers reach them too (FT-54)", async () => {
    const resources = await terraform.state();

    expect(resources.filter((address) => address.includes("pod-routes"))).toEqual([]);
    expect(pings("controller-0", addressOf("worker-1"), 84)).toBe(true);
  });

  test("have an interface whose packets fit with their headers, up to the last byte (FT-54)", () => {
    const outside = Number(capture(machineCommand("worker-0", ["cat", "/sys/class/net/vxlan0/mtu"])).stdout);
    const mtu = Number(inPod("worker-1", "cat", "/sys/class/net/eth0/mtu"));

    expect(mtu).toBe(outside);
    expect([pings("worker-0", addressOf("worker-1"), mtu), pings("worker-0", addressOf("worker-1"), mtu + 1)]).toEqual([
      true,
      false,
    ]);
  });

  test(
    "do not reach each other where UDP 8472 is closed between nodes, and do when Terraform has opened it again (F-28, FT-54)",
    async () => {
      const api = await Api.open();
      try {
        const { SecurityGroupRules: all } = await api.ec2("describe_security_group_rules");
        const rows = all as { GroupId: string; SecurityGroupRuleId: string; FromPort: number; IpProtocol: string }[];
        const overlay = rows.filter(({ FromPort, IpProtocol }) => FromPort === 8472 && IpProtocol === "udp");
        expect(overlay).toHaveLength(3);
        for (const { GroupId, SecurityGroupRuleId } of overlay)
          await api.ec2("revoke_security_group_ingress", { GroupId, SecurityGroupRuleIds: [SecurityGroupRuleId] });
      } finally {
        await api.close();
      }
      const both = (): boolean[] => [reaches("worker-0", "worker-1"), reaches("worker-1", "worker-0")];
      await eventually("pods to be apart", both, (seen) => !seen.includes(true), 60);

      await terraform.apply(() => undefined);
      await eventually("pods to be together", both, (seen) => !seen.includes(false), 60);
    },
    minutes(5),
  );
});

test("serves the API with a certificate of an elliptic curve (FT-22)", () => {
  const { stdout } = capture(machineCommand("controller-0", ["openssl", "s_client", "-connect", "10.77.0.5:6443"]), {
    input: "",
  });

  expect(stdout).toMatch(/Peer signature type: ECDSA/);
});

const on = (machine: string, command: string): string => {
  const { status, stdout, stderr } = capture(cluster.sshCommand(machine, [command]));
  if (status !== 0) throw new Error(`${command}: ${stderr}`);
  return stdout;
};

test.each([
  ["controller-0", "etcd", "--auto-compaction-retention=2h"],
  ["controller-0", "kube-apiserver", "--event-ttl=2h"],
  ["controller-0", "kube-controller-manager", "--node-monitor-grace-period=55s"],
  ["controller-0", "kube-scheduler", "--v=2 --v=3"],
  ["worker-0", "kubelet", "--v=2 --v=3"],
  ["worker-0", "kube-proxy", "--v=2 --v=3"],
])("on %s %s runs with %s behind the flags of its unit", (machine, program, flags) => {
  expect(on(machine, `tr '\\0' ' ' </proc/$(systemctl show -p MainPID --value ${program})/cmdline`)).toMatch(
    new RegExp(` ${flags} $`),
  );
});

test("kubelet and containerd have the settings that were asked for, over the library's", () => {
  const { kubeletconfig } = JSON.parse(kubectl("get", "--raw=/api/v1/nodes/worker-0/proxy/configz")) as {
    kubeletconfig: Record<string, unknown>;
  };

  expect(kubeletconfig).toMatchObject({ maxPods: 60, podPidsLimit: 4096 });
  expect(kubectl("get", "node", "worker-0", "-o", "jsonpath={.status.capacity.pods}")).toBe("60");
  expect(on("worker-0", "sudo containerd config dump")).toMatch(/^ *level = ['"]warn['"]$/m);
});

describe("nginx on a controller, which the load balancer asks for health", () => {
  const site = "/etc/nginx/sites-available/kubernetes.default.svc.cluster.local";
  /** Asked as in the guide, or under the name that AWS's load balancer uses. */
  const answers = (host = "kubernetes.default.svc.cluster.local", path = "/healthz"): string =>
    on("controller-0", `curl -s -H 'Host: ${host}' -w ' %{http_code}' http://127.0.0.1${path}`).trim();
  let api: Api;
  beforeAll(async () => void (api = await Api.open()), minutes(1));
  afterAll(() => api.close());

  async function stateOf(address: string): Promise<string> {
    const [group] = (await api.elb("describe_target_groups")).TargetGroups as { TargetGroupArn: string }[];
    const health = await api.elb("describe_target_health", { TargetGroupArn: group!.TargetGroupArn });
    const rows = health.TargetHealthDescriptions as { Target: { Id: string }; TargetHealth: { State: string } }[];
    return rows.find(({ Target }) => Target.Id === address)?.TargetHealth.State ?? "no target";
  }
  const becomes = (state: string): Promise<string> =>
    eventually(
      "controller-0",
      () => stateOf("10.77.0.5"),
      (seen) => seen === state,
      90,
    );

  test("says 200 and ok for an API server that is well, whatever it is called, and nothing else (FT-38, S1-77)", () => {
    expect(on("controller-0", "sudo nginx -t 2>&1")).toContain("syntax is ok");
    expect([answers(), answers("10.77.0.250:6443")]).toEqual(["ok 200", "ok 200"]);
    expect(answers("kubernetes.default.svc.cluster.local", "/version")).toMatch(/ 404$/);
  });

  test(
    "says 502 for one that is stopped, and the load balancer takes it out and in again (FT-12, FT-38, F-15)",
    async () => {
      await becomes("healthy");
      on("controller-0", "sudo systemctl stop kube-apiserver");
      try {
        expect(answers()).toMatch(/ 502$/);
        await becomes("unhealthy");
        expect(kubectl("get", "--raw=/readyz")).toBe("ok");
      } finally {
        on("controller-0", "sudo systemctl start kube-apiserver");
      }
      await becomes("healthy");
      expect(answers()).toBe("ok 200");
    },
    minutes(5),
  );

  test(
    "says 502 for an API server of another authority (FT-38, LD-05)",
    async () => {
      const trust = (file: string): string =>
        on(
          "controller-0",
          `sudo sed -i 's#/var/lib/kubernetes/[a-z-]*ca.pem#/var/lib/kubernetes/${file}#' ${site} && sudo nginx -s reload`,
        );
      trust("etcd-ca.pem");
      await eventually("nginx to refuse", answers, (said) => said.endsWith(" 502"), 20);
      trust("ca.pem");
      expect(await eventually("nginx to trust", answers, (said) => said.endsWith(" 200"), 20)).toBe("ok 200");
    },
    minutes(1),
  );
});

test(
  "destroys everything, one thing at a time (FT-59)",
  async () => {
    await terraform.destroy(() => undefined, "-parallelism=1");

    expect(await terraform.state()).toEqual([]);
  },
  minutes(5),
);
