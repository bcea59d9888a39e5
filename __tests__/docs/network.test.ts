import { PORTS } from "../../constructs/facts/ports";
import * as firewall from "../../constructs/network/firewall-rules";
import { certificateRequests } from "../../constructs/pki/certificate-requests";
import { page, tableUnder } from "../support/page";

// The tables of the page are the tables of the code; what a test expects is what the page has to say.
const network = page("network.md");
const names = (list: readonly string[] = []): string => list.map((name) => `\`${name}\``).join(" ");

function port({ port: of }: firewall.FirewallRule): string {
  if (of === undefined) return "";
  return typeof of === "number" ? String(of) : `${of.from}-${of.to}`;
}

const row = (rule: firewall.FirewallRule): string[] => [
  `\`${rule.id}\``,
  rule.from,
  rule.to,
  rule.protocol,
  port(rule),
  rule.why,
];

test.each(Object.entries(firewall))(
  "docs/network.md has the rules of %s, and no others (FT-08, FT-09)",
  (name, rules) => {
    expect(tableUnder(network, `\`${name}\``)).toEqual(rules.map(row));
  },
);

test("docs/network.md has each certificate of a cluster of one controller and one worker (FT-22, FT-23)", () => {
  const table = certificateRequests({
    controllers: [{ name: "controller-0", privateIp: "10.240.0.10" }],
    workers: [{ name: "worker-0", privateIp: "10.240.0.20" }],
    apiNames: ["name of the load balancer"],
    apiServiceIp: "10.32.0.1",
    clusterDomain: "cluster.local",
  });

  expect(tableUnder(network, "Certificates")).toEqual(
    (["kubernetes", "etcd", "front-proxy"] as const).flatMap((authority) =>
      table[authority].map(({ name, commonName, organization, usage, dnsNames, ipAddresses }) => [
        authority,
        `\`${name}\``,
        `\`${commonName}\``,
        organization === undefined ? "" : `\`${organization}\``,
        usage,
        names([...(dnsNames ?? []), ...(ipAddresses ?? [])]),
      ]),
    ),
  );
});

test("docs/network.md says of each port of the table who listens there", () => {
  const listed = tableUnder(network, "What listens").map(([number]) => number!);

  const { ssh, etcdClient, etcdPeer, api, kubelet } = PORTS;
  expect(listed).toEqual(expect.arrayContaining([ssh, etcdClient, etcdPeer, api, kubelet].map(String)));
});
