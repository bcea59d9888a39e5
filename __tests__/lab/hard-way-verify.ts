import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { capture } from "../../lab/commands/cluster";
import { operatorCommand } from "../../lab/lab";
import { projectFolder } from "../../lab/terraform/workspace";
import { artifacts, cluster, controllers, minutes, on, upload, workers, type Said } from "./hard-way-cluster";

/** The verify scripts where people run them: each prints what the guides' authors saw. long/hard-way sees them fail. */
export function verifyScripts(): void {
  describe("the verify scripts print what the guides' authors saw", () => {
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

    test("health.sh: 200 and ok (FT-11, FT-12, FT-57)", () => {
      const said = verify("controller-0", "health.sh");

      expect(lines(said)[0]).toBe("HTTP/1.1 200 OK");
      expect(lines(said).slice(-2)).toEqual([
        "ok",
        expect.stringMatching(/^ok {6}https:\/\/127\.0\.0\.1:6443\/readyz /),
      ]);
      expect(said.status).toBe(0);
    });
  });
}
