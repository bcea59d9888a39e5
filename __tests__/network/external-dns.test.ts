import { ExternalDns } from "../../constructs/network/external-dns";
import { TerraformOutput } from "cdktf";
import { synth, type Synthesised } from "../support/synth";

let manifest: { items: { kind: string; spec: { template: { spec: Pod } } }[] };
interface Pod {
  readonly hostNetwork?: boolean;
  readonly containers: readonly { readonly image: string; readonly args: readonly string[]; readonly env: unknown }[];
}
const externalDns = (nodeRole = false): Synthesised => {
  const synthesised = synth((stack) => {
    const made = new ExternalDns(stack, "dns", {
      ...{ clusterName: "corp", zone: { id: "Z0123456789ABC", zone: "prod.corp.example" }, nodeRole },
    });
    new TerraformOutput(stack, "seen", { value: made.manifest });
  });
  const { output } = JSON.parse(synthesised.json) as { output: { seen: { value: string } } };
  manifest = JSON.parse(output.seen.value) as typeof manifest;
  return synthesised;
};
const pod = (): Pod => manifest.items.find(({ kind }) => kind === "Deployment")!.spec.template.spec;

test("it may change and list the records of one zone, list zones, and do nothing else (FT-91)", () => {
  const stack = externalDns();
  const [document] = Object.values(stack.data["aws_iam_policy_document"]!);

  expect(document!["statement"]).toEqual([
    {
      actions: ["route53:ChangeResourceRecordSets", "route53:ListResourceRecordSets"],
      resources: [
        expect.stringMatching(/^arn:\$\{data\.aws_partition\.\w+\.partition\}:route53:::hostedzone\/Z0123456789ABC$/),
      ],
    },
    { actions: ["route53:ListHostedZones"], resources: ["*"] },
  ]);
});

test("with the role of its node it is in the host's network, where alone the metadata service answers (FT-91, F-32)", () => {
  externalDns(true);

  expect(pod()).toMatchObject({ hostNetwork: true, dnsPolicy: "Default" });
  expect(pod().containers[0]!.args).toContain("--metrics-address=127.0.0.1:7979");
});

test("it keeps the records of Ingresses and Services in the one private zone, and touches nobody else's (FT-91)", () => {
  externalDns();

  expect(manifest.items.map(({ kind }) => kind)).toEqual([
    ...["Namespace", "ServiceAccount", "ClusterRole", "ClusterRoleBinding", "Deployment"],
  ]);
  expect(pod()).not.toHaveProperty("hostNetwork");
  expect(pod().containers[0]).toMatchObject({
    image: "registry.k8s.io/external-dns/external-dns:v0.21.0",
    args: expect.arrayContaining([
      ...["--source=ingress", "--aws-zone-type=private", "--domain-filter=prod.corp.example"],
      ...["--zone-id-filter=Z0123456789ABC", "--registry=txt", "--txt-owner-id=corp"],
    ]),
    env: [{ name: "AWS_REGION", value: expect.stringContaining("data.aws_region") }],
  });
});
