import { TerraformOutput } from "cdktf";
import { EksCluster, HardWayCluster, HybridCluster, type HybridClusterProps } from "../../constructs";
import { dependencies, all, named, references } from "../support/resources";
import { files, SMALL, stage } from "../support/hard-way";
import { CORPORATE } from "../support/hybrid";
import { addresses, synth, type Synthesised } from "../support/synth";

const ZONE = "prod.corp.example";
let cluster: HybridCluster["cluster"];
const hybrid = (props: Partial<HybridClusterProps> = {}): Synthesised =>
  synth((stack) => {
    ({ cluster } = new HybridCluster(stack, "cluster", {
      ...{ ...SMALL, network: CORPORATE, proxy: { url: "http://10.1.2.3:3128" }, ssh: { address: "private" } },
      ...props,
    }));
  });

test("the names of VPC endpoints and of the private zone are not asked of the proxy (FT-87)", () => {
  const stack = hybrid({ vpcEndpoints: { features: ["ecr"] }, privateDns: { zone: ZONE } });
  const [line] = files(stack, "proxy/worker-0")["proxy.env"]!.match(/^no_proxy='.*'$/m)!;

  expect(line).toContain(`,.${ZONE},api.ecr.\${data.aws_region.`);
  expect(line).toMatch(/,\.dkr\.ecr\.\$\{[^}]+\}\.\$\{[^}]+\},s3\.[^,]+,\.s3\.[^,]+'$/);
});

test("workers wait for the endpoints that they pull images through, and these for the machines' addresses (FT-86)", () => {
  const stack = hybrid({ vpcEndpoints: { features: ["ecr"] } });
  const endpoints = named(stack, "aws_vpc_endpoint");

  expect(dependencies(stage(stack, "worker/worker-0"))).toEqual(
    expect.arrayContaining(Object.keys(endpoints).map((name) => `aws_vpc_endpoint.${name}`)),
  );
  for (const endpoint of Object.values(endpoints))
    expect(dependencies(endpoint)).toEqual(
      expect.arrayContaining(["aws_instance.cluster_control-plane_0", "aws_instance.cluster_worker_0"]),
    );
  expect(references(endpoints["cluster_vpc-endpoints_s3"]!.route_table_ids)).toEqual([
    expect.stringMatching(/^data\.aws_route_table\.cluster_network_routes-1_/),
    expect.stringMatching(/^data\.aws_route_table\.cluster_network_routes_/),
  ]);
});

test("people call the API by its name in the zone, which its certificate has, and nodes by the balancer's (FT-91)", () => {
  const stack = hybrid({ privateDns: { zone: ZONE } });
  const requests = Object.values(named(stack, "tls_cert_request")).map(({ dns_names }) => dns_names as string[]);

  expect(requests).toContainEqual(
    expect.arrayContaining([`api.${ZONE}`, expect.stringMatching(/^\$\{aws_lb\..*dns_name\}$/)]),
  );
  expect(cluster.endpoint).toBe(`api.${ZONE}:6443`);
  expect(files(stack, "worker/worker-0")["kubelet.kubeconfig"]).toContain("aws_lb.");
  expect(files(stack, "worker/worker-0")["kubelet.kubeconfig"]).not.toContain(ZONE);
  expect(all(stack, "aws_route53_record").map(({ name }) => name)).toEqual([`api.${ZONE}`]);
});

test("an API that faces the internet is called by a name that the internet knows, and is in the zone as well (FT-91, FT-13)", () => {
  let endpoint = "";
  const stack = synth((scope) => {
    const made = new HardWayCluster(scope, "cluster", { ...SMALL, privateDns: { zone: ZONE } });
    ({ endpoint } = made);
    new TerraformOutput(scope, "seen", { value: made.adminKubeconfig, sensitive: true });
  });
  const kubeconfig = (JSON.parse(stack.json) as { output: { seen: { value: string } } }).output.seen.value;
  const requests = Object.values(named(stack, "tls_cert_request")).map(({ dns_names }) => dns_names as string[]);

  expect(kubeconfig).toMatch(/server: "?https:\/\/\$\{aws_lb\./);
  expect(kubeconfig + endpoint).not.toContain(ZONE);
  expect(requests).toContainEqual(
    expect.arrayContaining([`api.${ZONE}`, expect.stringMatching(/^\$\{aws_lb\..*dns_name\}$/)]),
  );
  expect(all(stack, "aws_route53_record").map(({ name }) => name)).toEqual([`api.${ZONE}`]);
});

test("ExternalDNS has its policy on the workers' role, and on no other (FT-91, FT-90)", () => {
  const stack = hybrid({ privateDns: { zone: ZONE, externalDns: true } });

  expect(all(stack, "aws_iam_role_policy").map(({ name, role }) => [name, ...references(role)])).toEqual([
    ["external-dns", expect.stringMatching(/^aws_iam_role\.cluster_worker-role_/)],
  ]);
  expect(cluster.privateDns.externalDnsManifest).toContain(`--domain-filter=${ZONE}`);
});

test("a cluster that asks for none of it has none of it (FT-86)", () => {
  expect(addresses(hybrid()).join("\n")).not.toMatch(/aws_vpc_endpoint|aws_route53/);
  expect(cluster.privateDns).toEqual({ resolverAddresses: [], externalDnsManifest: undefined });
});

test("EKS in a private network that is there has endpoints before its nodes, which know their names (FT-85, FT-87)", () => {
  const stack = synth(
    (stack) =>
      void new EksCluster(stack, "cluster", {
        ...{ clusterName: "corp", existingNetwork: CORPORATE, proxy: { url: "http://10.1.2.3:3128" } },
        ...{ vpcEndpoints: { features: ["eks"] }, privateDns: { zone: ZONE, externalDns: true } },
      }),
  );
  const [group] = all(stack, "aws_autoscaling_group");

  expect(dependencies(group!)).toEqual(
    expect.arrayContaining(["aws_vpc_endpoint.cluster_vpc-endpoints_ec2", "aws_vpc_endpoint.cluster_vpc-endpoints_s3"]),
  );
  expect(JSON.stringify(stack.locals)).toMatch(/NO_PROXY[^\n]*,ec2\.\$\{/);
  expect(all(stack, "aws_eks_pod_identity_association")).toEqual([
    expect.objectContaining({ namespace: "external-dns", service_account: "external-dns" }),
  ]);
  expect(all(stack, "aws_eks_addon").map(({ addon_name }) => addon_name)).toContain("eks-pod-identity-agent");
});
