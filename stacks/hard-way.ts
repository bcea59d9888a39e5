import { TlsProvider } from "@cdktf/provider-tls/lib/provider";
import type { App } from "cdktf";
import { HARD_WAY_RULES, HardWayCluster } from "../constructs";
import { bastionVariables } from "./bastion-variables";
import { ClusterStack, type Form } from "./cluster-stack";
import type { HardWayConfiguration, HardWayShape } from "./configuration";
import { machineOutputs } from "./machine-outputs";
import { mirrorVariables } from "./mirrors";

/** Kubernetes the hard way. What is one cluster's is written here; what a pipeline varies is a Terraform variable. */
export function hardWay(
  app: App,
  form: Form = "root",
  shape: HardWayShape = {},
  { existingBastion = false }: Pick<HardWayConfiguration, "existingBastion"> = {},
): void {
  const stack = new ClusterStack(app, "hard-way", HARD_WAY_RULES, form);
  const adminCidrs = stack.variable("admin_cidrs", "list(string)", {
    meaning: "blocks from which people reach SSH and the API",
    changing: "adds and takes away rules of security groups, and nothing else",
  });
  // Private machines have one way in, which is of the cluster's shape.
  const sshAddress =
    shape.topology === "private" || existingBastion
      ? privateWay(shape, existingBastion)
      : stack.variable(
          "ssh_address",
          "string",
          {
            meaning: "address at which Terraform logs in: public or private",
            changing: "changes nothing that is there",
          },
          "public",
        ).stringValue;
  const sshTimeout = stack.variable(
    "ssh_timeout",
    "string",
    { meaning: "how long Terraform tries to reach a machine", changing: "changes nothing that is there" },
    "5m",
  );
  const mirrors = mirrorVariables(stack, shape);

  new TlsProvider(stack, "tls");

  const cluster = new HardWayCluster(stack, "cluster", {
    clusterName: stack.clusterName,
    adminCidrs: adminCidrs.listValue,
    controlPlane: { count: 3, instanceType: "t3.small" },
    workers: { count: 3, instanceType: "t3.small" },
    ...shape,
    ssh: {
      address: sshAddress,
      timeout: sshTimeout.stringValue,
      ...(existingBastion ? { bastion: bastionVariables(stack) } : {}),
    },
    mirrors,
  });

  machineOutputs(stack, cluster);
}

const privateWay = ({ bastion }: HardWayShape, existingBastion: boolean): string =>
  bastion === undefined && !existingBastion ? "private" : "bastion";
