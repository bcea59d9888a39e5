import type { TerraformVariable } from "cdktf";
import type { ExistingBastion, HardWaySettings } from "../constructs";
import type { ClusterStack } from "./cluster-stack";

/** A bastion that is there, as variables: whose it is and by what it is known is not of the cluster's shape. */
export function bastionVariables(stack: ClusterStack<HardWaySettings>): ExistingBastion {
  const variable = <Default>(name: string, type: string, meaning: string, value?: Default): TerraformVariable =>
    stack.variable(`ssh_bastion_${name}`, type, { meaning, changing: "changes nothing that is there" }, value);
  const privateKey = variable("private_key", "string", "private key of that user, without a passphrase");
  privateKey.addOverride("sensitive", true);
  const changing = "changes a rule of each of the machines' security groups, and nothing else";
  return {
    host: variable("host", "string", "name or address of the bastion that is there, as Terraform reaches it")
      .stringValue,
    port: variable("port", "number", "port of its SSH", 22).numberValue,
    user: variable("user", "string", "user there").stringValue,
    privateKey: privateKey.stringValue,
    hostKeys: variable(
      "host_keys",
      "list(string)",
      "public keys of its SSH server, one of a type, each a type and a key",
    ).listValue,
    cidr: stack.variable("ssh_bastion_cidr", "string", {
      meaning: "block that machines see it come from, such as its private address with /32",
      changing,
    }).stringValue,
  };
}
