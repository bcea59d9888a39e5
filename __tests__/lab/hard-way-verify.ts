import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { capture } from "../../lab/commands/cluster";
import { operatorCommand, status } from "../../lab/lab";
import { projectFolder } from "../../lab/terraform/workspace";
import { artifacts, cluster, controllers, kubectl, minutes, on, upload, workers, type Said } from "./hard-way-cluster";
import { becomes, eventually } from "./operator";

/** The verify scripts where people run them: each prints what the guides' authors saw, and each is seen to fail. */
export function verifyScripts(): void {
  describe("the verify scripts print what the guides' authors saw, and fail for what is wrong", () => {
    beforeAll(() => [...controllers, ...workers].forEach(upload), minutes(2));

    const verify = (machine: string, command: string, options = ""): Said =>
      on(machine, `sudo ${options} bash scripts/verify/${command}`, 300);
    const lines = ({ output }: Said): string[] => output.trim().split("\n");

    test("nodes.sh: exactly worker-0 to worker-2, Ready, in the version of the release (FT-47, FT-57, S0-22)", () => {
      const said = verify("controller-0", "nodes.sh");

      expect(
        lines(said).flatMap(
          (line) => /^(worker-\d+) +(\S+) +\S+ +\S+ +(v\S+) /.exec(line)?.slice(1, 4).join(" ") ?? [],
        ),
      ).toEqual(["worker-0 Ready v1.36.3", "worker-1 Ready v1.36.3", "worker-2 Ready v1.36.3"]);
      expect(lines(said).filter((line) => / kube-system +coredns-\S+ +1\/1 +Running /.test(` ${line}`))).toHaveLength(
        2,
      );
      expect(said.output).toMatch(/^kube-system +kube-dns +ClusterIP +10\.32\.0\.10 /m);
      expect(said.status).toBe(0);
    });

    test("etcd.sh: three members with the numbers that their addresses give them (FT-30, FT-57, S1-37)", () => {
      const said = verify("controller-0", "etcd.sh");

      expect(lines(said).slice(0, 3)).toEqual([
        "3a57933972cb5131, started, controller-2, https://10.240.0.12:2380, https://10.240.0.12:2379, false",
        "f98dc20bce6225a0, started, controller-0, https://10.240.0.10:2380, https://10.240.0.10:2379, false",
        "ffed16798470cab5, started, controller-1, https://10.240.0.11:2380, https://10.240.0.11:2379, false",
      ]);
      expect(said.status).toBe(0);
    });

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

    test.each(["controller-1", "worker-1"])(
      "dns.sh: %s finds a name outside, the API and DNS itself (FT-57, FT-56, S0-17, S0-18)",
      (machine) => {
        const said = verify(machine, "dns.sh mirror.lab");

        expect(lines(said).slice(1, 4)).toEqual(["198.18.0.10", "10.32.0.1", "10.32.0.10"]);
        expect(said.status).toBe(0);
      },
    );

    test(
      "smoke.sh: secrets encrypted in etcd, deployment, port-forward, logs, exec, DNS, NodePort (FT-58, FT-28, FT-37, S1-119)",
      () => {
        const said = verify("controller-0", "smoke.sh");

        const checks = lines(said).filter((line) => /^(ok|FAILED)/.test(line));
        expect(checks.filter((line) => line.startsWith("FAILED"))).toEqual([]);
        expect(checks.map((line) => line.replace(/:.*/, ""))).toEqual(
          ["secret", "deployment", "port-forward", "logs", "exec", "dns", "NodePort"].map((name) => `ok      ${name}`),
        );
        expect(said.output).toContain(
          "the pod finds kubernetes.default.svc.cluster.local at 10.32.0.1, asking 10.32.0.10\n",
        );
        expect(said.status).toBe(0);
      },
      minutes(5),
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

    describe("remote.sh, as the operator", () => {
      const remote = (kubeconfig: string): Said => {
        const {
          status: code,
          stdout,
          stderr,
        } = capture(
          operatorCommand([
            ...["env", `KUBECONFIG=${kubeconfig}`, `PATH=${dirname(artifacts.kubectl)}:${process.env["PATH"]}`],
            ...["bash", join(projectFolder, "scripts", "verify", "remote.sh")],
          ]),
        );
        return { status: code, output: `${stdout}${stderr}` };
      };

      test("finds the control plane, its version, its nodes and its namespaces (FT-29, FT-57, S2-30, R-08)", () => {
        const said = remote(cluster.kubeconfigPath);

        expect(lines(said)[0]).toMatch(
          /^Kubernetes control plane is running at https:\/\/hard-way-api-[0-9a-f]+\.elb\.us-east-1\.amazonaws\.com:6443$/,
        );
        expect(said.output).toMatch(/"gitVersion": "v1\.36\.3"/);
        expect(said.output.match(/^(default|kube-node-lease|kube-public|kube-system) +Active /gm)).toHaveLength(4);
        expect(said.status).toBe(0);
      });

      test("fails with the certificate authority of another cluster (FT-57)", () => {
        const other = join(cluster.folder, "kubeconfig-of-another-cluster");
        const etcd = on("controller-0", "base64 -w 0 /etc/etcd/ca.pem").output;
        writeFileSync(
          other,
          readFileSync(cluster.kubeconfigPath, "utf8").replace(
            /("?certificate-authority-data"?: *"?)[^"\n,]+/,
            `$1${etcd}`,
          ),
          { mode: 0o600 },
        );

        const said = remote(other);

        expect(said.output).toMatch(/^FAILED {2}no answer at https:\S+: .*certificate signed by unknown authority/m);
        expect(said.status).toBe(1);
      });
    });

    test(
      "health.sh: 200 and ok; it fails for a stopped API server, without which the API still serves (FT-11, FT-12, FT-57)",
      async () => {
        const well = verify("controller-0", "health.sh");
        expect(lines(well)[0]).toBe("HTTP/1.1 200 OK");
        expect(lines(well).slice(-2)).toEqual([
          "ok",
          expect.stringMatching(/^ok {6}https:\/\/127\.0\.0\.1:6443\/readyz /),
        ]);
        expect(well.status).toBe(0);

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
        const asked = [6443, 10257, 10259].map(
          (port) => `curl -sfk -m 5 -o /dev/null https://127.0.0.1:${port}/healthz`,
        );
        const isWhole = (): boolean => on("controller-0", asked.join(" && ")).status === 0;
        await becomes("controller-0 with its whole control plane again", isWhole, true, 90);
      },
      minutes(4),
    );
  });
}
