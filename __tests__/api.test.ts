import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as library from "../constructs";
import { apiReport } from "./support/api-report";

// Taking a name away breaks who imports it; adding one is a promise to keep it.
test("the library exports these names", () => {
  expect(Object.keys(library).sort()).toEqual([
    "BASTION_RULES",
    "DEBIAN_12",
    "DEFAULT_EKS_VERSION",
    "DEFAULT_KUBERNETES_VERSION",
    "EKS_RULES",
    "EKS_VERSIONS",
    "ENDPOINT_FEATURES",
    "EksCluster",
    "FIREWALL_RULES",
    "HARD_WAY_RULES",
    "HardWayCluster",
    "HybridCluster",
    "INSTANCE_CONNECT_RULES",
    "INTERNAL_API_RULES",
    "OPEN_FIREWALL_RULES",
    "RELEASES",
    "STAGES",
    "UBUNTU_2404",
    "VXLAN_FIREWALL_RULES",
    "hardWaySettings",
    "mirrorList",
    "nodePackages",
    "problemsOf",
    "publishedChecksums",
    "refuse",
    "releaseOf",
    "validationOf",
  ]);
});

test("docs/api.md has the type of each; npm run api writes it (FT-04)", () => {
  expect(readFileSync(join(__dirname, "..", "docs", "api.md"), "utf8")).toBe(apiReport());
}, 120_000);
