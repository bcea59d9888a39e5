import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { prepare } from "../../../lab/artifacts/prepare";
import { ApiServer } from "../../support/api-server";

// The manifests that docs/hybrid.md shows, before a real API server: nothing of a cluster is needed but that.
const manifest = (name: string): string =>
  readFileSync(join(__dirname, "../../../docs/manifests", `${name}.yaml`), "utf8");
let server: ApiServer;

beforeAll(async () => {
  await prepare({ log: () => undefined });
  server = await ApiServer.start();
  server.admin("create", "namespace", "ingress-nginx");
}, 45 * 60_000);
afterAll(() => server?.stop());

test.each(["internal-load-balancer", "internal-load-balancer-legacy"])(
  "%s is taken by an API server, every field of it (FT-88, S4-13, S4-16)",
  (name) => {
    const args = ["apply", "--server-side", "--dry-run=server", "--validate=strict", "--filename=-", "--output=yaml"];
    const taken = parse(server.adminWith(manifest(name), ...args)) as {
      spec: { type: string; selector: object; ports: { name: string; port: number; targetPort: string }[] };
    };

    expect(taken.spec.type).toBe("LoadBalancer");
    expect(taken.spec.selector).toEqual({ app: "ingress-nginx" });
    expect(taken.spec.ports.map(({ name: of, port, targetPort }) => [of, port, targetPort])).toEqual([
      ["http", 80, "http"],
      ["https", 443, "https"],
    ]);
  },
);

test.each([
  ["internal-load-balancer", "scheme", "internal"],
  ["internal-load-balancer", "proxy-protocol", "*"],
  ["internal-load-balancer", "listener-attributes.TCP-443", "tcp.idle_timeout.seconds=3600"],
  ["internal-load-balancer-legacy", "internal", "true"],
  ["internal-load-balancer-legacy", "proxy-protocol", "*"],
  ["internal-load-balancer-legacy", "connection-idle-timeout", "3600"],
])("%s has %s: %s, and no block of addresses, which no controller reads any more (FT-88, F-30)", (name, key, value) => {
  const { metadata } = parse(manifest(name)) as { metadata: { annotations: Record<string, string> } };

  expect(metadata.annotations[`service.beta.kubernetes.io/aws-load-balancer-${key}`]).toBe(value);
  expect(JSON.stringify(metadata.annotations)).not.toContain("0.0.0.0/0");
});
