import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { releasePath } from "../../constructs/facts/release-files";
import { release } from "../../lab/artifacts/versions";
import { capture } from "../../lab/commands/cluster";
import { down, status } from "../../lab/lab";
import { projectFolder } from "../../lab/terraform/workspace";
import { complaints } from "./complaints";
import { conformsToUpstream } from "./conforms";
import { holdToTables } from "./controls";
import { stagesRunAgain } from "./hard-way-again";
import {
  apply,
  artifacts,
  cluster,
  controllers,
  dig,
  dnsPods,
  failure,
  kubectl,
  minutes,
  on,
  startCluster,
  terraform,
  told,
  workers,
} from "./hard-way-cluster";
import { nodesHaveTheirRights } from "./hard-way-rights";
import { verifyScripts } from "./hard-way-verify";
import { nothingIsLeft } from "./operator";
import { endOwnLab } from "./own-lab";
import { expected, runningOn, UNITS } from "./versions";

// The stack of main.ts applied, broken, applied again, asked, destroyed. In order, since each test begins where the one
// before it ended.
beforeAll(startCluster, minutes(45));

afterAll(endOwnLab, minutes(2));

describe("a failing stage says what and where, and the next apply continues", () => {
  test(
    "fails on a download that does not verify, naming the file, the sum expected and the sum found (FT-42)",
    async () => {
      const path = releasePath("etcd", release, "amd64");
      const wrong = { ...artifacts.checksums, [path]: "0".repeat(64) };

      const text = await failure({ TF_VAR_checksums: JSON.stringify(wrong) });

      expect(text).toMatch(
        /error: etcd on controller-[012]: wrong checksum for http:\/\/mirror\.lab\/github\.com\/etcd-io/,
      );
      expect(text).toContain(`expected ${"0".repeat(64)}, got ${artifacts.checksums[path]}`);
    },
    minutes(5),
  );

  test(
    "fails on a machine that cannot be reached, naming the machine",
    async () => {
      // The address that SSH goes to is one that the operator has no route to.
      const text = await failure({ TF_VAR_ssh_address: "private", TF_VAR_ssh_timeout: "5s" });

      expect(text).toMatch(
        /: error: cannot reach 10\.240\.0\.1([012]) for stage etcd on controller-\1 by SSH: dial tcp .+; check that .*ssh_address/,
      );
    },
    minutes(3),
  );
});

describe("terraform apply ends in a cluster", () => {
  test(
    "goes on from where it failed, until every stage is done (FT-49)",
    async () => {
      await apply();
      await cluster.saveAccess(terraform, artifacts);

      expect((await terraform.state()).filter((address) => address.startsWith("null_resource."))).toHaveLength(24);
    },
    minutes(8),
  );

  test(
    "has an empty second plan (FT-49)",
    async () => {
      const { changes, output } = await terraform.plan();

      expect(output).toContain("No changes.");
      expect(changes).toBe(false);
    },
    minutes(2),
  );

  test.each([
    ["kubernetes.default.svc.cluster.local", "10.32.0.1"],
    ["kube-dns.kube-system.svc.cluster.local", "10.32.0.10"],
    ["mirror.lab", "198.18.0.10"],
  ])("answers a worker's dig for %s with %s (FT-56, LD-01)", (name, address) => {
    expect(dig("worker-1", "10.32.0.10", name, 3)).toBe(address);
  });

  test("lets plain kubectl on a controller ask the cluster, as the login user and as root (FT-39, F-11)", () => {
    for (const command of ["kubectl get nodes --no-headers", "sudo kubectl get nodes --no-headers"])
      expect(on("controller-2", command).output.match(/ Ready /g)).toHaveLength(3);
  });

  test("keeps keys to their role, readable by their owner alone (FT-24)", () => {
    const keys =
      "sudo find /etc/etcd /etc/kubernetes /var/lib/kubernetes /var/lib/kubelet /var/lib/kube-proxy -maxdepth 1 -type f";
    const modes = (machine: string): string[] =>
      on(
        machine,
        `${keys} \\( -name '*key*' -o -name '*kubeconfig*' -o -name 'encryption*' \\) -printf '%m %p\\n' 2>/dev/null | sort -k 2`,
      )
        .output.trim()
        .split("\n");

    expect(modes("controller-0")).toEqual([
      "600 /etc/etcd/etcd-key.pem",
      "600 /var/lib/kubernetes/admin.kubeconfig",
      "600 /var/lib/kubernetes/ca-key.pem",
      "600 /var/lib/kubernetes/encryption-config.yaml",
      "600 /var/lib/kubernetes/etcd-client-key.pem",
      "600 /var/lib/kubernetes/front-proxy-client-key.pem",
      "600 /var/lib/kubernetes/kube-apiserver-key.pem",
      "600 /var/lib/kubernetes/kube-controller-manager.kubeconfig",
      "600 /var/lib/kubernetes/kube-scheduler.kubeconfig",
      "600 /var/lib/kubernetes/kubelet-client-key.pem",
      "600 /var/lib/kubernetes/service-account-key.pem",
    ]);
    expect(modes("worker-0")).toEqual([
      "600 /var/lib/kube-proxy/kubeconfig",
      "600 /var/lib/kubelet/kubeconfig",
      "600 /var/lib/kubelet/worker-0-key.pem",
    ]);
  });

  test("leaves no uploaded key behind on any machine (FT-24, LD-14)", () => {
    for (const machine of [...controllers, ...workers])
      expect(on(machine, "find kubernetes-bootstrap -path '*/files/*' -o -name upload.txt | wc -l").output.trim()).toBe(
        "0",
      );
  });

  test("brings scripts to the node byte for byte, whatever ${…} and %{…} stand in them (FT-52, LD-08)", () => {
    const sums = "find lib etcd -type f -exec sha256sum {} + | LC_ALL=C sort -k 2";
    const inClone = capture(["bash", "-c", `cd ${join(projectFolder, "scripts")} && ${sums}`]).stdout.trim();

    expect(told("controller-0", `cd kubernetes-bootstrap/etcd && ${sums}`)).toBe(inClone);
    const texts = inClone
      .split("\n")
      .map((line) => readFileSync(join(projectFolder, "scripts", line.slice(66)), "utf8"));
    for (const sign of ["${", "%{"]) expect(texts.filter((text) => text.includes(sign))).not.toEqual([]);
  });

  test("refuses etcd's ports to whoever has no certificate (FT-31)", () => {
    const member = "--cert /etc/etcd/etcd.pem --key /etc/etcd/etcd-key.pem";
    const ask = (url: string, options: string): { status: number | null; output: string } =>
      on("controller-0", `sudo curl --http1.1 -s --max-time 10 --cacert /etc/etcd/ca.pem ${options} ${url}`);

    for (const url of ["https://10.240.0.11:2379/health", "https://10.240.0.11:2380/members"]) {
      expect(ask(url, member)).toMatchObject({ status: 0 });
      // Refused within TLS: an alert, or the connection's end before it could be read.
      expect([35, 55, 56]).toContain(ask(url, "").status);
    }
  });

  test("refuses a kubelet's port to strangers: 401 without a certificate, and with one of another authority (FT-45)", () => {
    const code = (options: string): string =>
      on(
        "controller-0",
        `sudo curl -sk --max-time 10 -o /dev/null -w '%{http_code}' ${options} https://10.240.0.20:10250/pods`,
      ).output;

    expect(code("")).toBe("401");
    expect(
      code("--cert /var/lib/kubernetes/front-proxy-client.pem --key /var/lib/kubernetes/front-proxy-client-key.pem"),
    ).toBe("401");
    expect(code("--cert /var/lib/kubernetes/kubelet-client.pem --key /var/lib/kubernetes/kubelet-client-key.pem")).toBe(
      "200",
    );
  });

  test("lets a node read what is its own and nothing of another (FT-27)", () => {
    const ask = (verb: string, what: string): string =>
      on("worker-0", `sudo kubectl --kubeconfig /var/lib/kubelet/kubeconfig ${verb} ${what} 2>&1`).output;

    expect(ask("get", "node worker-0 --no-headers")).toContain("worker-0");
    expect(ask("label", "node worker-1 stolen=yes")).toMatch(/forbidden|is not allowed to modify node/);
  });

  test("serves the API under each name of its certificate, and answers strangers for health alone (FT-23, LD-02)", () => {
    const get = (url: string, options = ""): string =>
      on(
        "controller-0",
        `curl -s --max-time 10 -o /dev/null -w '%{http_code}' --cacert /var/lib/kubernetes/ca.pem ${options} ${url}`,
      ).output;
    const named = (name: string): string => get(`https://${name}:6443/readyz`, `--resolve ${name}:6443:127.0.0.1`);

    expect(named("kubernetes.default.svc.cluster.local")).toBe("200");
    expect(named("controller-1")).toBe("200");
    expect(named("elsewhere.example")).toBe("000");
    expect(get("https://127.0.0.1:6443/api/v1/nodes")).toBe("401");
  });

  test("names the API's address as issuer of its tokens (FT-40)", () => {
    const issuer = JSON.parse(kubectl("get", "--raw=/.well-known/openid-configuration")).issuer as string;
    const server = JSON.parse(kubectl("config", "view", "-o", "json")).clusters[0].cluster.server as string;

    expect(issuer).toBe(server);
  });

  test("has one leader of the controller manager and one of the scheduler (FT-35, FT-36)", () => {
    const leases = JSON.parse(kubectl("get", "leases", "-n", "kube-system", "-o", "json")) as {
      items: { metadata: { name: string }; spec: { holderIdentity: string } }[];
    };
    const holder = (name: string): string | undefined =>
      leases.items.find(({ metadata }) => metadata.name === name)?.spec.holderIdentity;

    expect(holder("kube-controller-manager")).toMatch(/^controller-[012]_/);
    expect(holder("kube-scheduler")).toMatch(/^controller-[012]_/);
  });

  test("audits requests (FT-34, LD-03)", () => {
    expect(on("controller-0", "sudo tail -n 1 /var/log/audit.log").output).toMatch(
      /^\{"kind":"Event","apiVersion":"audit.k8s.io\/v1"/,
    );
  });

  test("runs pods with addresses of their node's block, pulled into the configured sandbox (FT-44, FT-48, FT-15)", () => {
    const blocks: Record<string, string> = {
      "worker-0": "10.200.0.",
      "worker-1": "10.200.1.",
      "worker-2": "10.200.2.",
    };

    for (const [node, address] of dnsPods()) {
      expect(address.startsWith(blocks[node] ?? "?")).toBe(true);
      expect(on(node, "sudo ctr -n k8s.io containers ls").output).toContain("registry.k8s.io/pause:3.10.2");
    }
  });

  test("shows no secret in what Terraform logged (LD-14)", () => {
    const text = readFileSync(join(cluster.folder, "terraform.log"), "utf8");

    expect(text).toContain("etcd on controller-0 is done");
    expect(text).not.toMatch(/PRIVATE KEY|client-key-data|secret: /);
  });
});

nodesHaveTheirRights();

describe("its machines are what the tables say", () => {
  holdToTables({ cluster, controllers, workers, artifacts: () => artifacts });
});

verifyScripts();

describe("after all that its programs are the release's, and content", () => {
  test.each([0, 1, 2])("machines number %i run the versions of the release (FT-42, S1-86)", (number) => {
    expect(runningOn(`controller-${number}`, `worker-${number}`, told)).toEqual(expected(release.kubernetes));
  });

  test.each([
    ...controllers.map((machine) => [machine, UNITS.controller] as const),
    ...workers.map((machine) => [machine, UNITS.worker] as const),
  ])("on %s nothing complains of a flag, a field or a right (F-01, F-02, FT-34, FT-45)", (machine, units) => {
    expect(complaints(units, (command) => told(machine, command))).toEqual([]);
  });
});

conformsToUpstream();

describe("it runs again what it must, and nothing else", () => {
  stagesRunAgain();

  test(
    "runs one stage on one machine when it is replaced, and the plan is empty again (FT-49)",
    async () => {
      const address = (await terraform.state()).find((resource) => resource.includes("stage-worker_worker-2"))!;
      const { output } = await terraform.plan(`-replace=${address}`);
      expect(output).toContain("Plan: 1 to add, 0 to change, 1 to destroy.");

      await terraform.apply(() => undefined, `-replace=${address}`);

      expect((await terraform.plan()).changes).toBe(false);
    },
    minutes(5),
  );
});

describe("nothing is left", () => {
  test(
    "destroys everything in the API (FT-59)",
    async () => {
      await terraform.destroy(() => undefined);

      expect(await terraform.state()).toEqual([]);
      await nothingIsLeft();
    },
    minutes(5),
  );

  test(
    "takes every namespace, mount, cgroup and process down with the lab",
    async () => {
      await down({ log: (line) => void process.stderr.write(`${line}\n`) });

      expect(capture(["ip", "netns", "list"]).stdout).not.toContain("lab-");
      expect(readFileSync("/proc/self/mounts", "utf8")).not.toMatch(/cdktf-aws-kubernetes\/lab\//);
      expect(
        readdirSync("/sys/fs/cgroup").flatMap((name) =>
          existsSync(join("/sys/fs/cgroup", name, "lab")) ? [name] : [],
        ),
      ).toEqual([]);
      expect(status()).toBeUndefined();
    },
    minutes(2),
  );
});
