import { releasePath } from "../../../constructs/facts/release-files";
import { release } from "../../../lab/artifacts/versions";
import { status } from "../../../lab/lab";
import {
  apply,
  artifacts,
  cluster,
  controllers,
  failure,
  kubectl,
  minutes,
  on,
  startCluster,
  terraform,
  upload,
  workers,
  type Said,
} from "../hard-way-cluster";
import { becomes, eventually } from "../operator";
import { endOwnLab } from "../own-lab";
import { livesOn } from "./hard-way-lives-on";
import { opensNodePorts } from "./hard-way-node-ports";
import { withoutOurSettings } from "./hard-way-settings";

// What goes wrong on the cluster of main.ts, and how it is mended: the rarer failures of a stage, verify scripts that find
// something, each of our settings taken away. In order, since each test begins where the one before it ended.
beforeAll(startCluster, minutes(45));

afterAll(endOwnLab, minutes(2));

describe("a failing stage says what and where, and the next apply continues", () => {
  test(
    "fails on a unit that does not start, naming the unit and what it said last",
    async () => {
      // Machines, and no etcd yet: its program is not the one that is expected.
      const wrong = { ...artifacts.checksums, [releasePath("etcd", release, "amd64")]: "0".repeat(64) };
      expect(await failure({ TF_VAR_checksums: JSON.stringify(wrong) })).toContain("wrong checksum");
      await cluster.saveMachines(terraform);
      // A file where etcd needs a folder: the service cannot come up on this one machine.
      const spoiled = on("controller-1", "sudo touch /var/lib/etcd/member");
      expect(spoiled).toEqual({ status: 0, output: "" });

      const text = await failure({});

      expect(text).toMatch(
        /error: etcd on controller-1: etcd\.service is not ready after \d+ s \(.*\): .+; see journalctl -u etcd/,
      );
      expect(on("controller-1", "sudo rm /var/lib/etcd/member")).toEqual({ status: 0, output: "" });
    },
    minutes(9),
  );

  test(
    "fails on a program whose checksum nobody gave, naming where it comes from (FT-51, F-10)",
    async () => {
      const path = releasePath("kube-apiserver", release, "amd64");
      const others = Object.fromEntries(Object.entries(artifacts.checksums).filter(([name]) => name !== path));

      const text = await failure({ TF_VAR_checksums: JSON.stringify(others) });

      expect(text).toMatch(
        /error: control-plane-programs on controller-[012]: no checksum for http:\/\/mirror\.lab\/\S+; add it to the variable checksums/,
      );
      expect(text).toContain(`no checksum for http://mirror.lab/${path};`);
    },
    minutes(5),
  );

  test(
    "fails on a full disk and on swap that cannot go off, while the third worker comes up without its swap and with iptables (F-12, FT-41)",
    async () => {
      const prepared = {
        "worker-0": "sudo mount -t tmpfs -o size=1m none /usr/local/bin",
        // Swap is the host's kernel's, and no machine may switch it off; so it is enough that this one sees some.
        "worker-1":
          "printf 'Filename\\tType\\tSize\\tUsed\\tPriority\\n/swapfile file 524284 0 -2\\n' >swaps && sudo mount --bind swaps /proc/swaps",
        // Debian's own image lacks iptables, which the lab's has.
        "worker-2":
          "echo '/dev/vdb none swap sw 0 0' | sudo tee -a /etc/fstab >/dev/null; sudo dpkg --purge iptables >/dev/null 2>&1",
      };
      for (const [machine, command] of Object.entries(prepared))
        expect(on(machine, command)).toEqual({ status: 0, output: "" });

      const text = await failure();

      expect(text).toMatch(
        /error: worker on worker-0: no room is left on \/usr\/local\/bin for http:\/\/mirror\.lab\/\S+\/kubelet; make room there, or give the machine a larger disk/,
      );
      expect(text).toMatch(/error: worker on worker-1: swap does not go off: \/swapfile: .+; turn it off by hand, /);
      expect(text).not.toContain("worker-2");
      expect(on("worker-2", "sudo swapon --show; tail -n 1 /etc/fstab; systemctl is-enabled swap.target").output).toBe(
        "# off for kubelet: /dev/vdb none swap sw 0 0\nmasked\n",
      );
      expect(on("worker-2", "sudo iptables --version").output).toMatch(/^iptables v\S+ \(nf_tables\)$/m);
      expect(on("worker-0", "sudo umount /usr/local/bin")).toEqual({ status: 0, output: "" });
      expect(on("worker-1", "sudo umount /proc/swaps")).toEqual({ status: 0, output: "" });
    },
    minutes(8),
  );

  test(
    "goes on from where it failed, until every stage is done (FT-49)",
    async () => {
      await apply();
      await cluster.saveAccess(terraform, artifacts);

      expect((await terraform.plan()).changes).toBe(false);
    },
    minutes(8),
  );
});

describe("what goes wrong on a cluster is named", () => {
  beforeAll(() => [...controllers, ...workers].forEach(upload), minutes(2));

  const verify = (machine: string, command: string, options = ""): Said =>
    on(machine, `sudo ${options} bash scripts/verify/${command}`, 300);

  test(
    "etcd.sh: without one of its members etcd takes what is written all the same, and the script names it (FT-30, FT-57)",
    async () => {
      expect(on("controller-2", "sudo systemctl stop etcd").status).toBe(0);

      // There may be an election first, should the leader have been that one.
      const written = "kubectl create configmap written --from-literal=without=one";
      await becomes(
        "a write",
        () => on("controller-0", `${written} --dry-run=client -o yaml | kubectl apply -f -`).status === 0,
        true,
        60,
      );
      const said = verify("controller-0", "etcd.sh");
      expect(said.output).toMatch(/^FAILED {2}controller-2 does not answer at https:\/\/10\.240\.0\.12:2379: /m);
      expect(said.output).toMatch(/^ok {6}controller-1 answers at /m);
      expect(said.status).toBe(1);

      expect(on("controller-2", "sudo systemctl start etcd").status).toBe(0);
      await becomes("all members well", () => verify("controller-2", "etcd.sh").status === 0, true, 60);
      expect(on("controller-2", "kubectl get configmap written -o jsonpath={.data.without}").output).toBe("one");
      kubectl("delete", "configmap", "written");
    },
    minutes(4),
  );

  test(
    "smoke.sh: fails for an image that nobody has, and leaves nothing behind (FT-57)",
    () => {
      const said = verify("controller-0", "smoke.sh mirror.lab/nobody/has:1", "PATIENCE_SECONDS=15");

      expect(said.output).toMatch(/^FAILED {2}deployment: web-\S+ is Pending (ErrImagePull|ImagePullBackOff) /m);
      expect(said.status).toBe(1);
      expect(kubectl("get", "namespaces", "-o", "name")).not.toContain("smoke");
    },
    minutes(4),
  );

  test(
    "health.sh: fails for a stopped API server, without which the API still serves (FT-11, FT-12, FT-57)",
    async () => {
      expect(on("controller-0", "sudo systemctl stop kube-apiserver").status).toBe(0);
      const said = verify("controller-0", "health.sh");
      expect(said.output).toMatch(/^FAILED {2}kube-apiserver does not answer: curl: \(7\) /m);
      expect(said.status).toBe(1);

      const isOut = (): boolean =>
        Object.entries(status()?.loadBalancers[0]?.targets ?? {}).some(
          ([target, health]) => target.includes("10.240.0.10") && health.startsWith("unhealthy"),
        );
      await becomes("the balancer's view that controller-0 is out", isOut, true, 60);
      for (let request = 0; request < 6; request += 1) expect(kubectl("get", "--raw", "/readyz")).toBe("ok");

      expect(on("controller-0", "sudo systemctl start kube-apiserver").status).toBe(0);
      await eventually(
        "its health",
        () => verify("controller-0", "health.sh"),
        (seen) => seen.status === 0,
        60,
      );
      // Controller manager and scheduler end when they lose their lease, and systemd starts them again.
      const asked = [6443, 10257, 10259].map((port) => `curl -sfk -m 5 -o /dev/null https://127.0.0.1:${port}/healthz`);
      const isWhole = (): boolean => on("controller-0", asked.join(" && ")).status === 0;
      await becomes("controller-0 with its whole control plane again", isWhole, true, 90);
    },
    minutes(4),
  );

  test(
    "fails to start an etcd member whose data is gone as if it were a new one, and takes it back with its data (LD-15)",
    () => {
      const stage = "sudo bash kubernetes-bootstrap/etcd/etcd/run.sh";
      const away = "sudo systemctl stop etcd && sudo mv /var/lib/etcd/member /var/lib/etcd/away";
      const back = "sudo mv /var/lib/etcd/away /var/lib/etcd/member";
      expect(on("controller-1", away)).toEqual({ status: 0, output: "" });

      const { status: code, output } = on("controller-1", stage);

      expect(output).toMatch(
        /error: etcd on controller-1: etcd on controller-[02] knows this machine as a member, but its data is gone/,
      );
      expect(code).toBe(1);
      expect(on("controller-1", back)).toEqual({ status: 0, output: "" });
      expect(on("controller-1", stage).status).toBe(0);
      expect(on("controller-0", "sudo bash scripts/verify/etcd.sh").status).toBe(0);
    },
    minutes(3),
  );
});

withoutOurSettings();

livesOn();

opensNodePorts();

describe("changing a variable does what its description says (FT-02, FT-50)", () => {
  const planned = async (variables: Readonly<Record<string, string>>): Promise<string[]> => {
    const { output } = await cluster.terraform(artifacts, variables).plan();
    const rows = output.matchAll(/^ {2}# (\w+)\S* (?:will|must) be (.+)$/gm);
    return [...new Set([...rows].map(([, type, action]) => `${type} ${action}`))].sort();
  };

  test.each<[string, string]>([
    ["ssh_address", "private"],
    ["ssh_timeout", "4m"],
  ])(
    "%s changes nothing that is there",
    async (name, value) => {
      expect(await planned({ [`TF_VAR_${name}`]: value })).toEqual([]);
    },
    minutes(2),
  );

  test(
    "admin_cidrs adds and takes away rules of security groups, and nothing else",
    async () => {
      const found = await planned({ TF_VAR_admin_cidrs: '["203.0.113.0/24"]' });

      expect(found).toEqual([
        "aws_vpc_security_group_ingress_rule created",
        "aws_vpc_security_group_ingress_rule destroyed",
      ]);
    },
    minutes(2),
  );

  test.each<[string, string]>([
    ["download_mirror", "http://other.lab"],
    ["image_mirror", "http://other.lab"],
    ["package_mirror", "http://other.lab/debian"],
    ["checksums", "{}"],
  ])(
    "%s runs stages again",
    async (name, value) => {
      expect(await planned({ [`TF_VAR_${name}`]: value })).toEqual(["null_resource replaced"]);
    },
    minutes(2),
  );
});
