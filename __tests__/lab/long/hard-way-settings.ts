import { capture, machineCommand } from "../../../lab/commands/cluster";
import { status } from "../../../lab/lab";
import {
  dig,
  dnsPods,
  heal,
  kubectl,
  minutes,
  on,
  reachesInternet,
  resource,
  resources,
  runPod,
  told,
  upload,
  workers,
  type Said,
} from "../hard-way-cluster";
import { Api, becomes, eventually, operator } from "../operator";

/**
 * What our settings are good for: each is taken away in the account, as if nobody had made it; the cluster then fails as
 * it failed for the authors of the guides; the next apply finds what has changed, puts it back, and the cluster is well.
 */
export function withoutOurSettings(): void {
  describe("a cluster without one of our settings fails as it did for the guides' authors, until the next apply", () => {
    let api: Api;
    beforeAll(async () => {
      api = await Api.open();
      for (const machine of ["controller-0", ...workers]) upload(machine);
    }, minutes(1));
    afterAll(() => api.close());

    const service = "kubernetes.default.svc.cluster.local";
    const serviceAddress = "10.32.0.1";

    /** A pod of CoreDNS, its node, and a node without such a pod, from which every question crosses the network. */
    function acrossNodes(): { node: string; other: string; answers: () => boolean } {
      const pods = dnsPods();
      const [node, address] = pods[0]!;
      const other = workers.find((name) => pods.every(([taken]) => taken !== name))!;
      return { node, other, answers: () => dig(other, address, service) === serviceAddress };
    }

    /** The id of a machine's instance. */
    const instance = (name: string): string => status()!.machines.find((machine) => machine.name === name)!.instance;

    const takeRules = async (group: string, rules: readonly Readonly<Record<string, string>>[]): Promise<unknown> =>
      api.ec2("revoke_security_group_ingress", {
        GroupId: group,
        SecurityGroupRuleIds: rules.map(({ id }) => id),
      });

    test(
      "the source/destination check drops what is for pods (F-04, FT-16)",
      async () => {
        const { node, answers } = acrossNodes();
        await becomes("an answer at first", answers, true, 30);

        await api.ec2("modify_instance_attribute", { InstanceId: instance(node), SourceDestCheck: { Value: true } });

        await becomes("an answer with the check", answers, false);
        expect(await heal()).toEqual([expect.stringMatching(/^update aws_instance\.cluster_worker_\d_/)]);
        await becomes("an answer without the check", answers, true, 30);
      },
      minutes(3),
    );

    test(
      "routes have no effect in a table that is neither the subnet's nor the main one (F-05, FT-07)",
      async () => {
        const { other, answers } = acrossNodes();
        const [main, subnet] = [resource("aws_main_route_table_association"), resource("public-routes")];
        const resolver = resource("aws_vpc.")["cidr_block"]!.replace(/0\/\d+$/, "2");
        const leavesTheNetwork = (): boolean =>
          capture(machineCommand(other, ["curl", "-s", "-m", "2", "-o", "/dev/null", "http://198.18.0.10/"])).status ===
          0;
        expect([answers(), leavesTheNetwork()]).toEqual([true, true]);

        // One of the two is enough: a subnet without a table of its own uses the main one, which is ours.
        await api.ec2("disassociate_route_table", { AssociationId: subnet["id"] });
        await followed();
        expect(answers()).toBe(true);
        await api.ec2("replace_route_table_association", {
          AssociationId: main["id"],
          RouteTableId: main["original_route_table_id"],
        });

        await becomes("an answer by AWS's own main table", answers, false);
        expect(leavesTheNetwork()).toBe(false);
        expect(dig(other, resolver, "mirror.lab")).toBe("198.18.0.10");
        expect(await heal()).toEqual([
          expect.stringMatching(/^create aws_main_route_table_association\./),
          expect.stringMatching(/^create aws_route_table_association\./),
        ]);
        await becomes("an answer by our table", answers, true, 30);
        expect(leavesTheNetwork()).toBe(true);
      },
      minutes(3),
    );

    test(
      "DNS does not answer where nodes and pods may not talk; verify/dns.sh says so (F-06, FT-08, FT-57)",
      async () => {
        const { other } = acrossNodes();
        const ask = (): Said => on(other, "sudo bash scripts/verify/dns.sh");
        const resolves = (): boolean => dig(other, "10.32.0.10", service) === serviceAddress;
        expect(ask().status).toBe(0);
        const rules = [resource("worker-worker"), resource("pods-worker")];

        await takeRules(rules[0]!["security_group_id"]!, rules);

        await becomes("an answer of DNS", resolves, false);
        const { status: code, output } = ask();
        expect(code).toBe(1);
        expect(output).toMatch(
          /^FAILED {2}kubernetes\.default\.svc\.cluster\.local over udp: no answer over udp: timed out; .*port 53 is open/m,
        );
        expect(await heal()).toEqual([
          expect.stringMatching(/^create aws_vpc_security_group_ingress_rule\.cluster_security-groups_pods-worker_/),
          expect.stringMatching(/^create aws_vpc_security_group_ingress_rule\.cluster_security-groups_worker-worker_/),
        ]);
        await becomes("an answer of DNS", resolves, true, 30);
        expect(ask().status).toBe(0);
      },
      minutes(4),
    );

    test(
      "pods on different nodes cannot talk without their routes (F-14, FT-53)",
      async () => {
        const { node, answers } = acrossNodes();
        const route = resource(`pod-routes_${node}`);
        expect(answers()).toBe(true);

        await api.ec2("delete_route", {
          RouteTableId: route["route_table_id"],
          DestinationCidrBlock: route["destination_cidr_block"],
        });

        await becomes("an answer without the route", answers, false);
        expect(await heal()).toEqual([expect.stringMatching(`^create aws_route.cluster_pod-routes_${node}_`)]);
        await becomes("an answer with the route", answers, true, 30);
      },
      minutes(3),
    );

    test(
      "a pod reaches the internet only where its node lends it an address (FT-44, S1-93)",
      () => {
        const list = "/etc/cni/net.d/10-bridge.conflist";
        const run = (pod: string): boolean => {
          runPod(pod, "worker-1");
          return reachesInternet(pod);
        };
        expect(run("lent")).toBe(true);

        // The plugin is asked when a pod is made: one that is there keeps what it has.
        told("worker-1", `sudo sed -i 's/"ipMasq": true/"ipMasq": false/' ${list} && ! grep '"ipMasq": true' ${list}`);
        expect(run("not-lent")).toBe(false);
        expect(reachesInternet("lent")).toBe(true);

        const stage = "sudo bash kubernetes-bootstrap/worker/worker/run.sh";
        expect(told("worker-1", stage)).toContain(`wrote ${list}`);
        expect(run("lent-again")).toBe(true);
        kubectl("delete", "pods", "lent", "not-lent", "lent-again", "--wait=false");
      },
      minutes(4),
    );

    test(
      "a balancer that asks over HTTP finds no API server well (F-15, FT-12)",
      async () => {
        const { arn } = resource("aws_lb_target_group.");
        const states = async (): Promise<string[]> => {
          const { TargetHealthDescriptions } = await api.elb("describe_target_health", { TargetGroupArn: arn });
          return TargetHealthDescriptions.map((row: { TargetHealth: { State: string } }) => row.TargetHealth.State);
        };
        const all = (state: string): Promise<unknown> =>
          eventually(`targets to be ${state}`, states, (seen) => seen.every((one) => one === state), 90);
        await all("healthy");

        await api.elb("modify_target_group", {
          TargetGroupArn: arn,
          HealthCheckProtocol: "HTTP",
          HealthCheckPath: "/",
        });

        await all("unhealthy");
        // What an API server says to whoever speaks HTTP at its port.
        expect(Object.values(status()!.loadBalancers[0]!.targets).join("\n")).toContain("answered 400");
        expect(await heal()).toEqual([expect.stringMatching(/^update aws_lb_target_group\./)]);
        await all("healthy");
      },
      minutes(5),
    );

    test(
      "a controller whose balancer keeps its address gets no answer from itself (LD-10)",
      async () => {
        const ours = resource("aws_lb_target_group.");
        const subnet = resource("aws_subnet.cluster_network_public")["id"];
        const group = resource("aws_security_group.cluster_security-groups_api")["id"];
        // Where machines reach the API from inside: an internal balancer, as `topology: "private"` makes it.
        const open = {
          GroupId: group,
          IpPermissions: [{ IpProtocol: "tcp", FromPort: 6443, ToPort: 6443, IpRanges: [{ CidrIp: "10.240.0.0/24" }] }],
        };
        await api.ec2("authorize_security_group_ingress", open);
        const made = await api.elb("create_load_balancer", {
          ...{ Name: "inward", Type: "network", Scheme: "internal", Subnets: [subnet], SecurityGroups: [group] },
        });
        const { DNSName, LoadBalancerArn } = made.LoadBalancers[0];
        const targets = async (type: string, id: string): Promise<string> => {
          const { TargetGroups } = await api.elb("create_target_group", {
            ...{ Name: `inward-${type}`, Protocol: "TCP", Port: 6443, VpcId: ours["vpc_id"], TargetType: type },
            ...{ HealthCheckProtocol: "HTTPS", HealthCheckPath: "/readyz" },
            ...{ HealthCheckIntervalSeconds: 5, HealthCheckTimeoutSeconds: 2 },
          });
          const { TargetGroupArn } = TargetGroups[0];
          await api.elb("register_targets", { TargetGroupArn, Targets: [{ Id: id }] });
          return TargetGroupArn;
        };
        const byInstance = await targets("instance", instance("controller-0"));
        const byAddress = await targets("ip", "10.240.0.10");
        await api.elb("modify_target_group_attributes", {
          TargetGroupArn: byAddress,
          Attributes: [{ Key: "preserve_client_ip.enabled", Value: ours["preserve_client_ip"] }],
        });
        const { Listeners } = await api.elb("create_listener", {
          ...{ LoadBalancerArn, Protocol: "TCP", Port: 6443 },
          DefaultActions: [{ Type: "forward", TargetGroupArn: byInstance }],
        });
        const ask = (machine: string): string =>
          on(machine, `curl -sk -m 3 -w ' %{exitcode}' https://${DNSName}:6443/readyz`).output;

        await eventually(
          "another's answer",
          () => ask("controller-1"),
          (said) => said === "ok 0",
          30,
        );
        expect(ask("controller-0")).toBe(" 28");
        await api.elb("modify_listener", {
          ListenerArn: Listeners[0].ListenerArn,
          DefaultActions: [{ Type: "forward", TargetGroupArn: byAddress }],
        });
        await eventually(
          "its own answer",
          () => ask("controller-0"),
          (said) => said === "ok 0",
          30,
        );

        await api.elb("delete_load_balancer", { LoadBalancerArn });
        for (const TargetGroupArn of [byInstance, byAddress]) await api.elb("delete_target_group", { TargetGroupArn });
        await api.ec2("revoke_security_group_ingress", open);
        // And where it is Terraform's own, an apply finds it.
        await api.elb("modify_target_group_attributes", {
          TargetGroupArn: ours["arn"],
          Attributes: [{ Key: "preserve_client_ip.enabled", Value: "true" }],
        });
        expect(await heal()).toEqual([expect.stringMatching(/^update aws_lb_target_group\./)]);
        const { Attributes } = await api.elb("describe_target_group_attributes", { TargetGroupArn: ours["arn"] });
        expect(Attributes).toContainEqual({ Key: "preserve_client_ip.enabled", Value: "false" });
      },
      minutes(4),
    );

    test(
      "no node registers while the API is open to people alone; then they do, and nobody restarts kubelet (F-13, FT-09, FT-47)",
      async () => {
        const rules = resources("_api_from-worker-");
        const server = JSON.parse(kubectl("config", "view", "-o", "json")).clusters[0].cluster.server as string;
        // 28 is curl's number for a connection that nobody answers.
        const reaches = (machine: string): string =>
          on(machine, `curl -sk -m 2 -o /dev/null -w '%{exitcode}' ${server}/readyz`).output;
        const verify = (options: string): Said =>
          on("controller-0", `sudo ${options} bash scripts/verify/nodes.sh`, 180);
        const kubelets = (): string[] =>
          workers.map(
            (name) => on(name, "systemctl show -p ActiveState -p NRestarts -p MainPID --value kubelet").output,
          );
        for (const name of workers) expect(on(name, "sudo systemctl stop kubelet").status).toBe(0);
        kubectl("delete", "nodes", "--all");

        await takeRules(rules[0]!["security_group_id"]!, rules);
        for (const name of workers) expect(on(name, "sudo systemctl start kubelet").status).toBe(0);

        expect(workers.map(reaches)).toEqual(["28", "28", "28"]);
        const before = kubelets();
        const { status: code, output } = verify("PATIENCE_SECONDS=0");
        expect(output).toMatch(/^FAILED {2}no node has registered: kubelets do not reach the API/m);
        expect(output).toMatch(/^No resources found$/m);
        expect(code).toBe(1);
        expect(before.every((said) => /^active$/m.test(said))).toBe(true);

        expect(await heal()).toEqual(
          workers.map((name) =>
            expect.stringMatching(`^create aws_vpc_security_group_ingress_rule.cluster_api_from-${name}_`),
          ),
        );
        await eventually(
          "the nodes",
          () => kubectl("get", "nodes", "--no-headers"),
          (said) => said.match(/ Ready /g)?.length === 3,
          120,
        );
        expect(verify("").status).toBe(0);
        expect(kubelets()).toEqual(before);
      },
      minutes(6),
    );
  });
}

/** Until the network is as the account says now. */
async function followed(): Promise<void> {
  const { output } = operator(["curl", "-s", "http://198.18.0.2:5000/lab/generation?after=-1"]);
  const { generation } = JSON.parse(output) as { generation: number };
  await becomes("the lab to follow the account", () => (status()?.generation ?? 0) >= generation, true);
}
