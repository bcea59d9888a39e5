import { ApiLoadBalancer } from "../../constructs/network/api-load-balancer";
import { all, dependencies, named, only, waitFor } from "../support/resources";
import { synth } from "../support/synth";

const targets = [0, 1, 2].map((index) => ({ name: `controller-${index}`, privateIp: `10.240.0.1${index}` }));
const workers = [0, 1].map((index) => ({
  name: `worker-${index}`,
  publicIp: `203.0.113.2${index}`,
  privateIp: `10.240.0.2${index}`,
}));
const stack = synth((scope) => {
  const api = new ApiLoadBalancer(scope, "api", {
    clusterName: "blue",
    vpcId: "vpc-0a",
    subnets: [{ id: "subnet-0a" }, { id: "subnet-0b" }],
    securityGroupId: "sg-api",
  });
  api.forwardTo(targets);
  api.allowFrom(workers);
  waitFor(scope, api.ready);
});
const targetGroup = only(stack, "aws_lb_target_group");

test("the API has a network load balancer that faces the internet (FT-10, FT-11)", () => {
  expect(only(stack, "aws_lb")).toMatchObject({
    name: "blue-api",
    load_balancer_type: "network",
    internal: false,
    subnets: ["subnet-0a", "subnet-0b"],
    security_groups: ["sg-api"],
  });
});

test("it has a node in each zone, and each node reaches the targets of every zone (FT-11, F-28)", () => {
  expect(only(stack, "aws_lb")).toMatchObject({
    subnets: ["subnet-0a", "subnet-0b"],
    enable_cross_zone_load_balancing: true,
  });
});

test("it listens for TCP at 6443 and leaves TLS to the API servers (FT-11)", () => {
  expect(only(stack, "aws_lb_listener")).toMatchObject({
    load_balancer_arn: "${aws_lb.api_C8550315.arn}",
    port: 6443,
    protocol: "TCP",
    default_action: [{ type: "forward", target_group_arn: "${aws_lb_target_group.api_targets_ACDDF51B.arn}" }],
  });
});

test("each controller is a target by its address, at 6443 (FT-11)", () => {
  const found = all(stack, "aws_lb_target_group_attachment").map(({ target_id, port }) => [target_id, port] as unknown);

  expect(found).toEqual([
    ["10.240.0.10", 6443],
    ["10.240.0.11", 6443],
    ["10.240.0.12", 6443],
  ]);
});

test("targets are addresses and the client's is not kept, so a controller may be sent to itself (LD-10)", () => {
  expect(targetGroup).toMatchObject({ target_type: "ip", preserve_client_ip: "false" });
});

test("the target group takes TCP at 6443 (FT-11)", () => {
  expect(targetGroup).toMatchObject({ port: 6443, protocol: "TCP", vpc_id: "vpc-0a" });
});

test("a target is healthy when its API server says so over HTTPS (FT-12, F-15)", () => {
  expect(targetGroup.health_check).toEqual({
    protocol: "HTTPS",
    port: "traffic-port",
    path: "/readyz",
    matcher: "200",
    interval: 10,
    healthy_threshold: 2,
    unhealthy_threshold: 2,
  });
});

test("each worker may call the balancer from its public address, and the rule outlives its loss (FT-11, F-13)", () => {
  const found = Object.entries(named(stack, "aws_vpc_security_group_ingress_rule")).map(([name, rule]) => [
    name,
    rule.security_group_id as string,
    rule.cidr_ipv4 as string,
    rule.from_port as number,
    rule.to_port as number,
  ]);

  expect(found).toEqual([
    ["api_from-worker-0", "sg-api", '${coalesce("203.0.113.20", "10.240.0.20")}/32', 6443, 6443],
    ["api_from-worker-1", "sg-api", '${coalesce("203.0.113.21", "10.240.0.21")}/32', 6443, 6443],
  ]);
});

test("the API answers when listener, targets and rules are there (FT-49)", () => {
  expect(dependencies(only(stack, "null_resource"))).toEqual([
    "aws_lb_listener.api_listener",
    "aws_lb_target_group_attachment.api_controller-0",
    "aws_lb_target_group_attachment.api_controller-1",
    "aws_lb_target_group_attachment.api_controller-2",
    "aws_vpc_security_group_ingress_rule.api_from-worker-0",
    "aws_vpc_security_group_ingress_rule.api_from-worker-1",
  ]);
});
