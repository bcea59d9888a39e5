import { TerraformOutput } from "cdktf";
import { SshKey } from "../../constructs/machines/ssh-key";
import { only } from "../support/resources";
import { synth } from "../support/synth";

const stack = synth((scope) => {
  const key = new SshKey(scope, "ssh-key", { clusterName: "blue" });
  new TerraformOutput(scope, "private", { value: key.privateKey });
});
const address = Object.keys(stack.resource["tls_private_key"]!)[0]!;

test("the key is ED25519 (FT-19)", () => {
  expect(only(stack, "tls_private_key")).toEqual({ algorithm: "ED25519" });
});

test("AWS knows the public half under the cluster's name (FT-19)", () => {
  expect(only(stack, "aws_key_pair")).toEqual({
    key_name: "blue",
    public_key: `\${tls_private_key.${address}.public_key_openssh}`,
  });
});

test("the private half is in OpenSSH's format, without a passphrase to ask for (FT-19, F-16)", () => {
  const { output } = JSON.parse(stack.json) as { output: { private: { value: string } } };

  expect(output.private.value).toBe(`\${tls_private_key.${address}.private_key_openssh}`);
});
