import { join } from "node:path";
import { cluster, heal, kubectl, minutes, runPod, workers } from "../hard-way-cluster";
import { becomes, operator } from "../operator";

/** The rule of docs/network.md by which people outside reach NodePorts, added to the cluster and taken away again. */
export function opensNodePorts(): void {
  describe("NodePorts from outside", () => {
    const pod = "behind-a-port";
    let port: string;
    beforeAll(() => {
      runPod(pod, "worker-0");
      kubectl("expose", `pod/${pod}`, "--type=NodePort", "--port=8080", `--selector=run=${pod}`);
      port = kubectl("get", `service/${pod}`, "-o", "jsonpath={.spec.ports[0].nodePort}");
    }, minutes(3));
    afterAll(() => void kubectl("delete", `service/${pod}`, `pod/${pod}`, "--wait=false"));

    /** What a person gets who asks each worker at its public address. */
    const answers = (): string[] =>
      workers.map((name) => {
        const address = cluster.sshTarget(name).replace(/.*@/, "");
        return operator(["curl", "-s", "-m", "2", `http://${address}:${port}/hostname`]).output;
      });
    const rule = expect.stringMatching(/aws_vpc_security_group_ingress_rule\.\S*admin-node-ports-worker/) as string;
    const open = (): boolean => answers().every((answer) => answer === pod);
    const closed = (): boolean => answers().every((answer) => answer === "");

    test(
      "are closed by default, open with the rule of the page, and closed again without it (FT-34, FT-58, R-15, S1-60)",
      async () => {
        expect(closed()).toBe(true);

        cluster.synthesise(join(__dirname, "node-ports.app.ts"));
        try {
          expect(await heal()).toEqual([rule]);
          await becomes("every worker's answer", open, true, 30);
        } finally {
          cluster.synthesise();
        }

        expect(await heal()).toEqual([rule]);
        await becomes("no answer", closed, true, 30);
      },
      minutes(4),
    );
  });
}
