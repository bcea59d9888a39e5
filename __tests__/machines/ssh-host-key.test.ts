import { TerraformOutput } from "cdktf";
import { SshHostKey, knownHosts } from "../../constructs/machines/ssh-host-key";
import { named } from "../support/resources";
import { synth, type Synthesised } from "../support/synth";

const stack: Synthesised = synth((scope) => {
  const key = new SshHostKey(scope, "key");
  new TerraformOutput(scope, "first", { value: key.firstPublicKey, staticId: true });
  new TerraformOutput(scope, "lasting", { value: key.publicKey, staticId: true });
  new TerraformOutput(scope, "user_data", { value: key.cloudConfig, sensitive: true, staticId: true });
  const machine = (name: string, publicIp: string) => ({ name, privateIp: "10.240.0.10", publicIp, sshHostKey: key });
  new TerraformOutput(scope, "known", {
    value: knownHosts([machine("controller-0", "203.0.113.10"), machine("controller-1", "")]),
    staticId: true,
  });
});
const outputs = (JSON.parse(stack.json) as { output: Record<string, { value: string }> }).output;
const output = (name: string): string => outputs[name]!.value.replaceAll(/_[0-9A-F]{8}/g, "");

test("a machine has two keys, of kinds by which Terraform's client takes the first while it is there (FT-19)", () => {
  expect(named(stack, "tls_private_key")).toMatchObject({
    key_first: { algorithm: "ECDSA", ecdsa_curve: "P256" },
    key_lasting: { algorithm: "ED25519" },
  });
});

test("user data has the first key and nothing of the lasting one (LD-14)", () => {
  expect(output("user_data")).toBe(
    "ssh_deletekeys: true\n" +
      "ssh_keys:\n" +
      "  ecdsa_private: |\n" +
      "    ${indent(4, trimspace(tls_private_key.key_first.private_key_openssh))}\n" +
      "  ecdsa_public: ${trimspace(tls_private_key.key_first.public_key_openssh)}\n",
  );
});

test("each key has its public half (FT-19, LD-14)", () => {
  expect(output("first")).toBe("${trimspace(tls_private_key.key_first.public_key_openssh)}");
  expect(output("lasting")).toBe("${trimspace(tls_private_key.key_lasting.public_key_openssh)}");
});

test("known_hosts has a line for each machine, by its name and each address that it has (FT-19)", () => {
  const key = "${trimspace(tls_private_key.key_lasting.public_key_openssh)}";

  expect(output("known")).toBe(
    `\${join(",", compact(["controller-0", "10.240.0.10", "203.0.113.10"]))} ${key}\n` +
      `\${join(",", compact(["controller-1", "10.240.0.10", ""]))} ${key}\n`,
  );
});
