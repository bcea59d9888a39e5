import { ref, TerraformOutput, Token } from "cdktf";
import { ENDPOINTS, ENDPOINT_FEATURES, servicesOf } from "../../constructs/facts/vpc-endpoints";
import { VpcEndpoints, type VpcEndpointsSettings } from "../../constructs/network/vpc-endpoints";
import { all, named, only, references } from "../support/resources";
import { synth, type Synthesised } from "../support/synth";

const SUBNETS = ["a", "a", "b"].map((zone, index) => ({
  ...{ id: `subnet-${index}`, cidr: `172.20.${index}.0/24`, availabilityZone: `eu-west-1${zone}` },
}));
let names: string[];
const endpoints = (settings: VpcEndpointsSettings, callersGroupId?: string, subnets = SUBNETS): Synthesised => {
  const synthesised = synth((stack) => {
    const made = new VpcEndpoints(stack, "endpoints", {
      ...{ clusterName: "corp", vpcId: "vpc-1", cidr: "172.20.0.0/16", subnets, routeTableIds: ["rtb-1"] },
      ...{ callersGroupId, after: [], ...settings },
    });
    new TerraformOutput(stack, "seen", { value: made.names });
  });
  names = (JSON.parse(synthesised.json) as { output: { seen: { value: string[] } } }).output.seen.value;
  return synthesised;
};

test("every feature is made of services that the catalogue has, and every service serves a feature (FT-86)", () => {
  const used = Object.values(ENDPOINT_FEATURES).flat();

  expect(new Set(used)).toEqual(new Set(Object.keys(ENDPOINTS)));
  expect(servicesOf(["ecr", "logs", "eks"])).toEqual([
    ...["ec2", "ecr.api", "ecr.dkr", "eks", "eks-auth", "logs", "s3", "sts"],
  ]);
});

// AWS: EKS, "Deploy private clusters with limited internet access".
test("a private EKS has what AWS says that its nodes call (FT-85)", () => {
  expect(ENDPOINT_FEATURES.eks).toEqual(["ec2", "ecr.api", "ecr.dkr", "eks", "eks-auth", "s3", "sts"]);
});

test("the names that programs call are those of the region in each partition (FT-87)", () => {
  const place = {
    region: "cn-north-1",
    dnsSuffix: "amazonaws.com.cn",
    dualStackSuffix: "api.amazonwebservices.com.cn",
  };

  expect(ENDPOINTS["ecr.dkr"].names(place)).toEqual([".dkr.ecr.cn-north-1.amazonaws.com.cn"]);
  expect(ENDPOINTS["ecr.api"].names(place)).toEqual(["api.ecr.cn-north-1.amazonaws.com.cn"]);
  expect(ENDPOINTS["eks-auth"].names(place)).toEqual(["eks-auth.cn-north-1.api.amazonwebservices.com.cn"]);
  expect(ENDPOINTS.s3.names(place)).toEqual(["s3.cn-north-1.amazonaws.com.cn", ".s3.cn-north-1.amazonaws.com.cn"]);
});

describe("endpoints for ECR and logs", () => {
  const stack = endpoints({ features: ["ecr", "logs"] });
  const made = named(stack, "aws_vpc_endpoint");

  test("are one for each service, with private DNS and a subnet of each zone, and the gateway in the tables (FT-86)", () => {
    expect(Object.keys(made)).toEqual([
      ...["endpoints_ecr-api", "endpoints_ecr-dkr", "endpoints_logs", "endpoints_s3"],
    ]);
    expect(made["endpoints_logs"]).toMatchObject({
      ...{ vpc_id: "vpc-1", vpc_endpoint_type: "Interface", private_dns_enabled: true },
      subnet_ids: ["subnet-0", "subnet-2"],
    });
    expect(made["endpoints_s3"]).toMatchObject({ vpc_endpoint_type: "Gateway", route_table_ids: ["rtb-1"] });
    expect(made["endpoints_s3"]).not.toHaveProperty("private_dns_enabled");
  });

  test("take the name by which AWS has the service, in whichever partition (FT-86)", () => {
    const services = named({ ...stack, resource: stack.data }, "aws_vpc_endpoint_service");

    expect(services["endpoints_ecr-api-service"]).toMatchObject({
      service_type: "Interface",
      filter: [
        {
          name: "service-name",
          values: [
            expect.stringMatching(/^com\.amazonaws\.\$\{data\.aws_region\.\w+\.name\}\.ecr\.api$/),
            expect.stringMatching(/^\$\{data\.aws_partition\.\w+\.reverse_dns_prefix\}\.\$\{.*\}\.ecr\.api$/),
          ],
        },
      ],
    });
    expect(services["endpoints_s3-service"]).toMatchObject({ service_type: "Gateway" });
    expect(references(made["endpoints_logs"]!.service_name)[0]).toMatch(/logs-service/);
  });

  test("are refused at plan where AWS has none in a zone of the machines (FT-96)", () => {
    const zones =
      /^\$\{contains\(data\.aws_vpc_endpoint_service\.endpoints_logs-service_\w+\.availability_zones, (.*)\)\}$/;
    const asked = made["endpoints_logs"]!.lifecycle.precondition as { condition: string; error_message: string }[];

    expect(asked.map(({ condition }) => zones.exec(condition)![1])).toEqual(['"eu-west-1a"', '"eu-west-1b"']);
    expect(asked[1]!.error_message).toMatch(/^AWS must have the VPC endpoint logs in eu-west-1b, .*; put it into/);
    expect(made["endpoints_s3"]!.lifecycle.precondition).toEqual([]);
  });

  test("stay when a subnet or a module before them changes: their service waits for neither (FT-86, FT-59)", () => {
    const subnets = [{ ...SUBNETS[0]!, availabilityZone: Token.asString(ref("aws_subnet.one.availability_zone")) }];
    const elsewhere = endpoints({ features: ["logs"] }, undefined, subnets);
    const services = named({ ...elsewhere, resource: elsewhere.data }, "aws_vpc_endpoint_service");

    expect(JSON.stringify(services)).not.toContain("aws_subnet");
    expect(Object.values(services).filter((service) => "lifecycle" in service)).toEqual([]);
    expect(only(elsewhere, "aws_vpc_endpoint").lifecycle).toEqual({
      ignore_changes: ["service_name"],
      precondition: [
        {
          condition: expect.stringMatching(/\.availability_zones, aws_subnet\.one\.availability_zone\)\}$/),
          error_message: expect.stringContaining("in ${aws_subnet.one.availability_zone}, where machines are"),
        },
      ],
    });
    expect(made["endpoints_s3"]!.lifecycle).toMatchObject({ ignore_changes: ["service_name"] });
  });

  test("let the network call them at 443, and nobody else (FT-86)", () => {
    expect(only(stack, "aws_vpc_security_group_ingress_rule")).toMatchObject({
      ...{ cidr_ipv4: "172.20.0.0/16", ip_protocol: "tcp", from_port: 443, to_port: 443 },
    });
    expect(all(stack, "aws_vpc_security_group_egress_rule")).toEqual([]);
  });

  test("are reached without the proxy by the names of AWS (FT-87)", () => {
    endpoints({ features: ["ecr", "logs"] });

    expect(names.map((name) => name.replace(/\$\{[^}]*\.(\w+)\}/g, "<$1>"))).toEqual([
      ...["api.ecr.<name>.<dns_suffix>", ".dkr.ecr.<name>.<dns_suffix>", "logs.<name>.<dns_suffix>"],
      ...["s3.<name>.<dns_suffix>", ".s3.<name>.<dns_suffix>"],
    ]);
  });
});

test("what is there already is asked for and not made, with its names; what is not wanted has neither (FT-86)", () => {
  const stack = endpoints({ features: ["ecr", "logs"], existing: ["ecr.api", "s3"], except: ["logs"] });
  const there = named({ ...stack, resource: stack.data }, "aws_vpc_endpoint");

  expect(Object.keys(named(stack, "aws_vpc_endpoint"))).toEqual(["endpoints_ecr-dkr"]);
  expect(there["endpoints_ecr-api"]).toMatchObject({
    ...{ vpc_id: "vpc-1", state: "available", filter: [{ name: "vpc-endpoint-type", values: ["Interface"] }] },
    lifecycle: { postcondition: [expect.objectContaining({ condition: "${self.private_dns_enabled}" })] },
  });
  expect(there["endpoints_s3"]).toMatchObject({
    filter: [{ name: "vpc-endpoint-type", values: ["Gateway"] }],
    lifecycle: {
      postcondition: [
        expect.objectContaining({ condition: '${length(setsubtract(["rtb-1"], self.route_table_ids)) == 0}' }),
      ],
    },
  });
  expect(names).toHaveLength(4);
});

test("S3 alone needs no security group; callers of other blocks come in by their group (FT-86)", () => {
  expect(all(endpoints({ features: ["s3"] }), "aws_security_group")).toEqual([]);
  expect(all(endpoints({ features: ["logs"] }, "sg-1"), "aws_vpc_security_group_ingress_rule")).toContainEqual(
    expect.objectContaining({ referenced_security_group_id: "sg-1", from_port: 443 }),
  );
});

test("other blocks that private DNS leads to them may call them, each by a rule that stays when another goes (FT-86)", () => {
  const blocks = (callers: readonly string[]) =>
    Object.entries(named(endpoints({ features: ["logs"], callers }), "aws_vpc_security_group_ingress_rule"))
      .filter(([name]) => name.startsWith("endpoints_caller-"))
      .map(([name, { cidr_ipv4, from_port, to_port }]) => [name, cidr_ipv4, from_port, to_port]);
  const last = ["endpoints_caller-10-2-0-0-16", "10.2.0.0/16", 443, 443];

  expect(blocks(["10.1.0.0/16", "10.2.0.0/16", "10.2.0.0/16", "172.20.0.0/16"])).toEqual([
    ["endpoints_caller-10-1-0-0-16", "10.1.0.0/16", 443, 443],
    last,
  ]);
  expect(blocks(["10.2.0.0/16"])).toEqual([last]);
});
