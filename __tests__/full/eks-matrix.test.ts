import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { NullProvider } from "@cdktf/provider-null/lib/provider";
import type { EksClusterProps } from "../../constructs";
import { prepare } from "../../lab/artifacts/prepare";
import { awsApi, type AwsApi } from "../support/aws-api";
import { eksCluster } from "../support/eks";
import { faultyApi, type FaultyApi } from "../support/faulty-api";
import { leftovers } from "../support/leftovers";
import type { Block } from "../support/resources";
import { synthInto } from "../support/synth";
import { initialised } from "../support/terraform";

// Every authentication mode with every NAT mode, every endpoint mode and every kind of node; the rest of the pairs as well,
// in nine clusters. Each mode stops half-way at three places. ../terraform/commands/kubectl stands for the API of Kubernetes.
const REGION = "eu-west-1";
const MODES = ["CONFIG_MAP", "API_AND_CONFIG_MAP", "API"] as const;
const NATS = ["none", "single", "per-zone"] as const;
const ENDPOINTS = {
  private: {},
  public: { privateEndpoint: false, publicCidrs: ["0.0.0.0/0"] },
  both: { publicCidrs: ["198.51.100.0/24"] },
} as const;
type Kind = "self-managed" | "managed" | "Fargate" | "Bottlerocket";
const STOPS = {
  "its control plane": /^POST \/clusters /,
  "its nodes": /Action=CreateAutoScalingGroup&|^POST \/clusters\/[^/]+\/(node-groups|fargate-profiles) /,
  "an add-on": /^POST \/clusters\/[^/]+\/addons /,
} as const;

const rows = MODES.flatMap((mode, m) =>
  NATS.map((nat, n) => {
    const kind = (["self-managed", "managed", "Fargate"] as const)[(m + 2 * n) % 3]!;
    return {
      ...{ mode, nat, endpoint: Object.keys(ENDPOINTS)[(m + n) % 3] as keyof typeof ENDPOINTS },
      // Pods on Fargate are in private subnets, and need a way out.
      kind: kind === "Fargate" && nat === "none" ? ("Bottlerocket" as const) : kind,
      stop: Object.keys(STOPS)[n] as keyof typeof STOPS,
    };
  }),
);

function nodes(kind: Kind, subnets: "public" | "private"): Partial<EksClusterProps> {
  if (kind === "managed") return { managedGroups: { kept: { subnets } } };
  if (kind === "Fargate") return { fargateProfiles: { all: [{ namespace: "*" }] } };
  return {
    selfManagedGroups: { own: { subnets, operatingSystem: kind === "Bottlerocket" ? "bottlerocket" : "al2023" } },
  };
}

const scratch = mkdtempSync(join(tmpdir(), "eks-matrix-"));
let api: AwsApi;
let door: FaultyApi;
let kubectl: string;

beforeAll(async () => {
  ({ kubectl } = await prepare({ log: (line) => void process.stderr.write(`${line}\n`) }));
  api = await awsApi();
  door = await faultyApi(api.url);
}, 45 * 60_000);
afterAll(async () => {
  await door?.stop();
  await api?.stop();
  rmSync(scratch, { recursive: true, force: true });
});

test.each(rows)(
  "$mode, NAT $nat, endpoint $endpoint, $kind nodes: stopped at $stop and made, each time given back whole (F-20, FT-61, FT-66, FT-77)",
  async ({ mode, nat, endpoint, kind, stop }) => {
    const clusterName = `m-${rows.findIndex((row) => row.mode === mode && row.nat === nat)}`;
    const state = join(scratch, `${clusterName}-kubectl`);
    mkdirSync(state);
    const folder = synthInto(join(scratch, clusterName), (stack) => {
      new AwsProvider(stack, "aws", { region: REGION });
      new NullProvider(stack, "null");
      eksCluster(stack, {
        ...{ clusterName, authenticationMode: mode, nat, availabilityZones: 3 },
        ...ENDPOINTS[endpoint],
        ...nodes(kind, nat === "none" ? "public" : "private"),
      });
    });
    const terraform = await initialised(folder, {
      AWS_ENDPOINT_URL: door.url,
      PATH: `${join(__dirname, "../terraform/commands")}:${process.env["PATH"]}`,
      ...{ KUBECTL_REAL: kubectl, KUBECTL_STATE: state },
    });
    const apply = () => terraform.run("apply", "-auto-approve", "-input=false", "-no-color");
    const destroy = () => terraform.succeed("destroy", "-auto-approve", "-input=false", "-no-color");
    const { valid, diagnostics } = JSON.parse(await terraform.succeed("validate", "-json")) as Block;
    expect([valid, diagnostics]).toEqual([true, []]);

    const before = door.refused();
    const full = stop === "its nodes" && kind !== "managed" && kind !== "Fargate";
    door.refuse(
      STOPS[stop],
      400,
      full
        ? "<ErrorResponse><Error><Type>Sender</Type><Code>LimitExceeded</Code><Message>It is full</Message></Error><RequestId>x</RequestId></ErrorResponse>"
        : '{"__type":"InvalidParameterException","message":"It is full"}',
    );
    const half = await apply();
    const refused = door.refused() - before;
    door.mend();
    expect([half.status, refused > 0, half.stderr]).toEqual([1, true, expect.stringContaining("It is full")]);
    expect(await leftovers(api, REGION)).not.toEqual({});
    await destroy();
    expect(await leftovers(api, REGION)).toEqual({});

    expect((await apply()).stderr).toBe("");
    expect(await terraform.succeed("plan", "-input=false", "-no-color")).toContain("No changes.");
    await destroy();
    expect(await leftovers(api, REGION)).toEqual({});
  },
  20 * 60_000,
);
