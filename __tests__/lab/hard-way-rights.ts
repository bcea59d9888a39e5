import { kubectl, minutes, on, reachesInternet, runPod, told, workers, type Said } from "./hard-way-cluster";
import { becomes, eventually } from "./operator";

/** What a node's certificate opens and what it does not, how it gets another, and what the API server may ask of a node. */
export function nodesHaveTheirRights(): void {
  describe("a node may do what is its own, and nothing of another", () => {
    const pod = "of-worker-1";
    /** kubectl of worker-0, of whoever is named. */
    const asNode = "sudo kubectl --kubeconfig=/var/lib/kubelet/kubeconfig";
    beforeAll(() => {
      kubectl("create", "secret", "generic", pod, "--from-literal=key=of-a-pod-on-worker-1");
      runPod(pod, "worker-1", pod);
    }, minutes(3));
    afterAll(() => void kubectl("delete", `pod/${pod}`, `secret/${pod}`, "--wait=false"));

    test.each([
      ["worker-1", "10.240.0.21"],
      ["worker-0", "10.240.0.20"],
    ])(
      "worker-0's certificate is known to the kubelet of %s, and has no right there: 403 (FT-45, S1-78)",
      (_, address) => {
        const own = "--cert /var/lib/kubelet/worker-0.pem --key /var/lib/kubelet/worker-0-key.pem";
        const said = told(
          "worker-0",
          `sudo curl -sk --max-time 10 -w '%{http_code}' ${own} https://${address}:10250/pods`,
        );

        expect(said).toMatch(/^Forbidden \(user=system:node:worker-0, verb=get, resource=nodes, .+\)\s*403$/);
      },
    );

    test("a pod's Secret can be read by its own node alone (FT-27, S1-21)", () => {
      const read = (machine: string): Said => on(machine, `${asNode} get secret ${pod} -o jsonpath={.data.key}`);

      expect(read("worker-1")).toEqual({
        status: 0,
        output: Buffer.from("of-a-pod-on-worker-1").toString("base64"),
      });
      expect(read("worker-0")).toMatchObject({
        status: 1,
        output: expect.stringMatching(
          /Forbidden.*"system:node:worker-0" cannot get resource "secrets".*no relationship found between node 'worker-0'/,
        ) as string,
      });
    });

    test("a pod reaches the internet (FT-44, S1-93)", () => {
      expect(reachesInternet(pod)).toBe(true);
    });

    test("the API server gets a kubelet's statistics, those of its pods among them (FT-37, S1-79)", () => {
      const ask = (node: string, what: string): string =>
        kubectl("get", "--raw", `/api/v1/nodes/${node}/proxy/${what}`);

      for (const node of workers) {
        const { node: whole, pods } = JSON.parse(ask(node, "stats/summary")) as {
          node: { nodeName: string; memory: { workingSetBytes: number } };
          pods: { podRef: { name: string } }[];
        };
        expect(whole.nodeName).toBe(node);
        expect(whole.memory.workingSetBytes).toBeGreaterThan(0);
        expect(pods.some(({ podRef }) => podRef.name === pod)).toBe(node === "worker-1");
        expect(ask(node, "metrics/resource")).toMatch(/^node_cpu_usage_seconds_total [\d.e+]+/m);
      }
    });

    describe("asking for another certificate", () => {
      /** Has a key made on a machine, and a request for a certificate of that name put to the cluster by this kubectl. */
      const ask = (machine: string, program: string, name: string, node: string): Said =>
        on(
          machine,
          `openssl req -new -newkey rsa:2048 -noenc -keyout ${name}-key.pem -subj /O=system:nodes/CN=system:node:${node} \
             -out ${name}.csr 2>/dev/null && ${program} create -f - <<END
apiVersion: certificates.k8s.io/v1
kind: CertificateSigningRequest
metadata: { name: ${name} }
spec:
  signerName: kubernetes.io/kube-apiserver-client-kubelet
  usages: [client auth, digital signature]
  request: $(base64 -w 0 ${name}.csr)
END`,
        );
      const certificate = (name: string): string => kubectl("get", "csr", name, "-o", "jsonpath={.status.certificate}");

      // Who may ask for any name, as machines do that have no certificate yet; none of ours does.
      beforeAll(() => {
        kubectl("create", "clusterrolebinding", "asks", "--clusterrole=system:node-bootstrapper", "--user=stranger");
      });
      afterAll(() => {
        kubectl("delete", "clusterrolebinding/asks", "csr/of-a-stranger", "csr/of-worker-0", "--ignore-not-found");
      });

      test(
        "a node's own name is approved and signed by the cluster's authority; another's is refused, a stranger's left lying (FT-35, S1-65, CIS 4.2.10)",
        async () => {
          // Each API server learns of the right by its own watch.
          const asked = (): number => ask("controller-0", "kubectl --as=stranger", "of-a-stranger", "worker-0").status!;
          await becomes("the stranger's right to ask", () => asked() === 0, true, 30);
          expect(ask("worker-0", asNode, "of-another", "worker-1")).toMatchObject({
            status: 1,
            output: expect.stringContaining("can only create a node CSR with CN=system:node:worker-0") as string,
          });
          expect(ask("worker-0", asNode, "of-worker-0", "worker-0").status).toBe(0);

          const signed = await eventually(
            "a certificate",
            () => certificate("of-worker-0"),
            (seen) => seen !== "",
            60,
          );
          told("worker-0", `base64 -d >of-worker-0.pem <<<${signed}`);
          expect(told("worker-0", "openssl verify -CAfile /var/lib/kubernetes/ca.pem of-worker-0.pem")).toBe(
            "of-worker-0.pem: OK",
          );
          const server = JSON.parse(kubectl("config", "view", "-o", "json")).clusters[0].cluster.server as string;
          const own = "--client-certificate=of-worker-0.pem --client-key=of-worker-0-key.pem";
          const whoami = `kubectl --kubeconfig=/dev/null --server=${server} ${own} \
            --certificate-authority=/var/lib/kubernetes/ca.pem auth whoami -o jsonpath={.status.userInfo.username}`;
          expect(told("worker-0", whoami)).toBe("system:node:worker-0");
          // It was asked for first.
          expect(kubectl("get", "csr", "of-a-stranger", "-o", "jsonpath={.status}")).toBe("{}");
        },
        minutes(2),
      );
    });

    test("pods are given the cluster's authority (FT-35, S1-65)", () => {
      const given = kubectl("get", "configmap", "kube-root-ca.crt", "-o", "jsonpath={.data.ca\\.crt}");

      expect(given.trim()).toBe(told("worker-0", "cat /var/lib/kubernetes/ca.pem"));
    });
  });
}
