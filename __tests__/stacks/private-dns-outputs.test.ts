import { Testing, TerraformStack, type App } from "cdktf";
import { eks } from "../../stacks/eks";
import { hardWay } from "../../stacks/hard-way";
import { hybrid } from "../../stacks/hybrid";
import { CORPORATE } from "../support/hybrid";

const kinds = {
  "hard-way": (app: App, shape: object) => hardWay(app, "module", shape),
  eks: (app: App, shape: object) => eks(app, "module", shape),
  hybrid: (app: App, shape: object) => hybrid(app, "module", CORPORATE, shape),
};
/** Values of the outputs of a stack, by name. */
function outputs(kind: keyof typeof kinds, shape: object): Record<string, string> {
  const app = Testing.stubVersion(Testing.app());
  kinds[kind](app, shape);
  const stack = app.node.children.find((child) => TerraformStack.isStack(child)) as TerraformStack;
  const { output } = JSON.parse(Testing.synth(stack)) as { output: Record<string, { value: string }> };
  return Object.fromEntries(Object.entries(output).map(([name, { value }]) => [name, value]));
}

describe.each(Object.keys(kinds) as (keyof typeof kinds)[])("the stack %s", (kind) => {
  // A resolver has an address in two zones at least.
  const zones = kind === "hard-way" ? { availabilityZones: 2 } : {};

  test("tells where the other side asks for names, and how ExternalDNS is run (FT-92, FT-95)", () => {
    const { resolver_addresses: addresses, external_dns_manifest: manifest } = outputs(kind, {
      ...zones,
      privateDns: { zone: "prod.aws.corp.example", externalDns: true, resolver: { inboundFrom: ["10.1.0.0/16"] } },
    });

    expect(addresses).toMatch(/^\$\{sort\(aws_route53_resolver_endpoint\.[\w-]+\.ip_address\[\*\]\.ip\)\}$/);
    expect(manifest).toContain("--domain-filter=prod.aws.corp.example");
  });

  test("has neither output where it makes neither (FT-92)", () => {
    expect(Object.keys(outputs(kind, {}))).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(resolver_addresses|external_dns_manifest)$/)]),
    );
  });
});
