import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Network } from "../../../constructs/network/network";
import { awsApi, type AwsApi } from "../../support/aws-api";
import { awsAnswers, type AwsCall } from "../../support/aws-calls";
import { addProviders, synthInto } from "../../support/synth";
import { initialised, type Terraform } from "../../support/terraform";

// A network of our own with a VPN gateway and a transit gateway that others made, in the lab's AWS API.
const scratch = mkdtempSync(join(tmpdir(), "gateway-routes-"));
let api: AwsApi;
let terraform: Terraform;
let vpn: string;
let transit: string;

const answers = <Answers>(...calls: AwsCall[]): Promise<Answers> => awsAnswers<Answers>(api, "eu-west-1", calls);

beforeAll(async () => {
  api = await awsApi();
  const [{ VpnGateway }, { TransitGateway }] = await answers<
    [{ VpnGateway: { VpnGatewayId: string } }, { TransitGateway: { TransitGatewayId: string } }]
  >(["ec2", "create_vpn_gateway", { Type: "ipsec.1" }], ["ec2", "create_transit_gateway", {}]);
  vpn = VpnGateway.VpnGatewayId;
  transit = TransitGateway.TransitGatewayId;
  terraform = await initialised(
    synthInto(join(scratch, "stack"), (stack) => {
      addProviders(stack);
      new Network(stack, "network", {
        clusterName: "corp",
        topology: "private",
        availabilityZones: ["eu-west-1a", "eu-west-1b"],
        gatewayRoutes: { "10.1.0.0/16": vpn, "10.2.0.0/16": transit },
      });
    }),
    { AWS_ENDPOINT_URL: api.url },
  );
}, 300_000);
afterAll(async () => {
  await api?.stop();
  rmSync(scratch, { recursive: true, force: true });
});

test("AWS takes attachments and routes, and then has nothing left to change (FT-94)", async () => {
  await terraform.succeed("apply", "-auto-approve", "-input=false", "-no-color");

  expect(await terraform.succeed("plan", "-input=false", "-no-color")).toContain("No changes.");
  const [{ RouteTables }] = await answers<
    [{ RouteTables: { Routes: { DestinationCidrBlock: string; GatewayId?: string; TransitGatewayId?: string }[] }[] }]
  >(["ec2", "describe_route_tables", {}]);
  const found = RouteTables.flatMap(({ Routes }) => Routes).map(
    ({ DestinationCidrBlock, GatewayId, TransitGatewayId }) =>
      `${DestinationCidrBlock} ${TransitGatewayId ?? GatewayId}`,
  );
  expect(found).toEqual(expect.arrayContaining([`10.1.0.0/16 ${vpn}`, `10.2.0.0/16 ${transit}`]));
}, 300_000);

test("destroy leaves both gateways, attached to nothing of ours (FT-94, FT-59)", async () => {
  await terraform.succeed("destroy", "-auto-approve", "-input=false", "-no-color");

  const [{ VpnGateways }, { TransitGateways }] = await answers<
    [
      { VpnGateways: { VpnGatewayId: string; VpcAttachments: { State: string }[] }[] },
      { TransitGateways: { TransitGatewayId: string; State: string }[] },
    ]
  >(["ec2", "describe_vpn_gateways", {}], ["ec2", "describe_transit_gateways", {}]);
  expect(VpnGateways.find(({ VpnGatewayId }) => VpnGatewayId === vpn)!.VpcAttachments).not.toContainEqual(
    expect.objectContaining({ State: "attached" }),
  );
  expect(TransitGateways.find(({ TransitGatewayId }) => TransitGatewayId === transit)!.State).toBe("available");
}, 300_000);
