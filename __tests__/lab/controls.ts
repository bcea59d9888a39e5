import { type Artifacts, type Cluster, capture } from "../../lab/commands/cluster";
import { failures } from "../scripts/support/cis-facts";
import { page, tableUnder } from "../support/page";
import { asWritten } from "../support/page-commands";
import { remediesOf } from "../support/troubleshooting";
import { operate, type Given } from "./operate";
import { becomes, type Outcome } from "./operator";
import { controllerFactsOf, type SeenFacts, workerFactsOf } from "./seen-facts";

/** A cluster that is up and well. */
export interface Running {
  readonly cluster: Cluster;
  readonly controllers: readonly string[];
  readonly workers: readonly string[];
  /** What it was made with; known when the first test runs. */
  readonly artifacts: () => Artifacts;
}

const minutes = (count: number): number => count * 60_000;

/** Tests that hold running machines to the tables: controls, ports, certificates, kubeconfigs, remedies. */
export function holdToTables({ cluster, controllers, workers, artifacts }: Running): void {
  const kubectl = (...args: string[]): string =>
    outcome(capture(cluster.kubectlCommand(artifacts().kubectl, args))).output;
  const on = (machine: string, command: string): Outcome => outcome(capture(cluster.sshCommand(machine, [command])));
  const seen = new Map<string, SeenFacts>();
  const [controller, worker] = [controllers[0]!, workers[0]!];

  beforeAll(() => {
    for (const name of controllers) seen.set(name, controllerFactsOf(cluster, name));
    for (const name of workers) seen.set(name, workerFactsOf(cluster, name, kubectl));
  }, minutes(2));

  test.each([
    ...controllers.map((name) => [name, "controller"] as const),
    ...workers.map((name) => [name, "worker"] as const),
  ])("%s meets every control of CIS 1.12 that is on (FT-24, FT-34, FT-45)", (name, role) => {
    expect(failures(role, seen.get(name)!)).toEqual([]);
  });

  test.each([
    ["controllers", controllers],
    ["workers", workers],
  ] as const)("on %s listens what docs/network.md lists, and nothing else (FT-08)", (where, names) => {
    const rows = tableUnder(page("network.md"), "What listens").filter(([, , , machines]) => machines!.includes(where));
    const listed = rows.flatMap(([port, addresses, program]) =>
      addresses!.split(", ").map((address) => `${port} ${address} ${program!.replaceAll("`", "")}`),
    );

    for (const name of names) expect([...new Set(seen.get(name)!.listens)]).toEqual(listed.sort());
  });

  test("each certificate on a machine is of one authority, the one that it should be (FT-21, FT-24)", () => {
    const kubernetes = "/var/lib/kubernetes";

    for (const name of controllers)
      expect(seen.get(name)!.signers).toEqual({
        "/etc/etcd/etcd.pem": ["/etc/etcd/ca.pem", `${kubernetes}/etcd-ca.pem`],
        [`${kubernetes}/etcd-ca.pem`]: ["/etc/etcd/ca.pem"],
        [`${kubernetes}/etcd-client.pem`]: ["/etc/etcd/ca.pem", `${kubernetes}/etcd-ca.pem`],
        [`${kubernetes}/front-proxy-client.pem`]: [`${kubernetes}/front-proxy-ca.pem`],
        [`${kubernetes}/kube-apiserver.pem`]: [`${kubernetes}/ca.pem`],
        [`${kubernetes}/kubelet-client.pem`]: [`${kubernetes}/ca.pem`],
      });
    for (const name of workers)
      expect(seen.get(name)!.signers).toEqual({ [`/var/lib/kubelet/${name}.pem`]: [`${kubernetes}/ca.pem`] });
  });

  test.each([
    [controller, "/var/lib/kubernetes/kube-controller-manager.kubeconfig", "system:kube-controller-manager"],
    [controller, "/var/lib/kubernetes/kube-scheduler.kubeconfig", "system:kube-scheduler"],
    [controller, "/var/lib/kubernetes/admin.kubeconfig", "admin"],
    [worker, "/var/lib/kubelet/kubeconfig", `system:node:${worker}`],
    [worker, "/var/lib/kube-proxy/kubeconfig", "system:kube-proxy"],
  ])("on %s, kubectl with %s is %s (FT-26)", (machine, kubeconfig, user) => {
    const whoami = `sudo kubectl --kubeconfig ${kubeconfig} auth whoami --output jsonpath='{.status.userInfo.username}'`;

    expect(on(machine, whoami)).toEqual({ code: 0, output: user });
  });

  test(
    "the API server believes a kubelet only with a certificate of the cluster's authority (FT-21, FT-37)",
    async () => {
      const ask = (): string => kubectl("get", "--raw", `/api/v1/nodes/${worker}/proxy/healthz`);
      const own = `/var/lib/kubelet/${worker}`;
      expect(ask()).toBe("ok");

      expect(
        on(
          worker,
          `sudo cp -a ${own}.pem ${own}.kept && sudo cp -a ${own}-key.pem ${own}-key.kept &&
          sudo openssl req -x509 -newkey rsa:2048 -noenc -days 1 -subj /CN=stranger -addext subjectAltName=DNS:${worker} \
            -keyout ${own}-key.pem -out ${own}.pem 2>/dev/null && sudo systemctl restart kubelet`,
        ),
      ).toEqual({ code: 0, output: "" });
      try {
        await becomes("a refusal of the stranger's certificate", () => /x509|certificate/.test(ask()), true, 60);
      } finally {
        on(
          worker,
          `sudo mv ${own}.kept ${own}.pem && sudo mv ${own}-key.kept ${own}-key.pem && sudo systemctl restart kubelet`,
        );
      }
      await becomes("the kubelet with its own certificate again", () => ask() === "ok", true, 60);
    },
    minutes(3),
  );

  const asOperator = (command: string, given?: Given): Outcome => operate(cluster, artifacts(), command, given);
  const addressOf = (name: string): string => cluster.sshTarget(name).split("@")[1]!;

  describe("commands of the pages, where terraform runs", () => {
    test("give a machine that shows its own key to whoever logs in (FT-95)", () => {
      const login = asWritten("terraform output -raw ssh_known_hosts >known_hosts");
      const variables = { ADDRESS: addressOf(worker) };

      const { code, output } = asOperator(login, { variables, input: "hostname\n" });

      expect(output.split("\n")).toContain(worker);
      expect(code).toBe(0);
    });

    test("give a kubeconfig that reaches the cluster (FT-95)", () => {
      const make = asWritten("terraform output -raw kubeconfig >kubeconfig");

      const { code, output } = asOperator(`${make} && KUBECONFIG=kubeconfig ${asWritten("kubectl get nodes")}`);

      expect(output).toMatch(new RegExp(`^${worker} +Ready `, "m"));
      expect(code).toBe(0);
    });

    test("show what a controller's API server logs (F-15, FT-95)", () => {
      expect(on(controller, asWritten("sudo journalctl -u kube-apiserver")).output).toMatch(/kube-apiserver\[\d+\]: /);
    });

    test("name machines and resources (FT-95)", () => {
      expect(asOperator(asWritten("terraform output machines")).output).toContain(`"${worker}" = {`);
      const { output } = asOperator(asWritten("terraform state list"));
      const address = output.split("\n").find((line) => line.startsWith("aws_lb."))!;
      const show = asWritten("terraform state show ADDRESS").replace("ADDRESS", address);
      expect(asOperator(show)).toEqual({ code: 0, output: expect.stringContaining("dns_name") as string });
    });
  });

  describe("docs/troubleshooting.md", () => {
    const outcomes = new Map<string, Outcome>();
    /** Several failures are told by one command, which on a cluster that is well need be run once. */
    const run = (place: string, command: string): Outcome => {
      const key = `${place} ${command}`;
      if (!outcomes.has(key))
        outcomes.set(
          key,
          place === "operator" ? asOperator(command) : on(place === "worker" ? worker : controller, command),
        );
      return outcomes.get(key)!;
    };

    beforeAll(() => {
      const upload = asWritten(
        "tar -C ../../.. -cf - scripts/verify | ssh -i ssh-key -o UserKnownHostsFile=known_hosts",
      );
      for (const name of [controller, worker])
        expect(asOperator(upload, { variables: { NAME: name, ADDRESS: addressOf(name) } })).toEqual({
          code: 0,
          output: "",
        });
    });

    test.each(remediesOf("hard-way"))(
      "$heading: its command runs on a $place, and says that the cluster is well",
      ({ place, command, well }) => {
        const { code, output } = run(place, command);

        expect(output).toContain(well);
        expect(code).toBe(0);
      },
      minutes(3),
    );
  });
}

const outcome = ({ status, stdout, stderr }: { status: number | null; stdout: string; stderr: string }): Outcome => ({
  code: status,
  output: `${stdout}${stderr}`,
});
