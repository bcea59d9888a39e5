import { TerraformOutput } from "cdktf";
import { parse } from "yaml";
import { SecretsEncryption } from "../../constructs/pki/secrets-encryption";
import { only } from "../support/resources";
import { synth } from "../support/synth";

const stack = synth((scope) => {
  new TerraformOutput(scope, "config", { value: new SecretsEncryption(scope, "encryption").config });
});
const { value } = (JSON.parse(stack.json) as { output: { config: { value: string } } }).output.config;

test("Secrets are encrypted with key1 by aescbc, and old ones are still read (FT-28)", () => {
  expect(parse(value)).toEqual({
    apiVersion: "apiserver.config.k8s.io/v1",
    kind: "EncryptionConfiguration",
    resources: [
      {
        resources: ["secrets"],
        providers: [{ aescbc: { keys: [{ name: "key1", secret: expect.any(String) as string }] } }, { identity: {} }],
      },
    ],
  });
});

test("the key is the sha256 of a private key of its own, so 32 bytes that nobody can guess (FT-28)", () => {
  const name = Object.keys(stack.resource["tls_private_key"]!)[0]!;

  expect(value).toContain(`secret: \${base64sha256(tls_private_key.${name}.private_key_pem)}\n`);
  expect(only(stack, "tls_private_key")).toEqual({ algorithm: "ED25519" });
});
