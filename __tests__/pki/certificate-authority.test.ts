import {
  CertificateAuthority,
  type CertificateRequest,
  type CertificateSettings,
} from "../../constructs/pki/certificate-authority";
import { all, at, only, without } from "../support/resources";
import { synth } from "../support/synth";

const REQUEST: CertificateRequest = { name: "worker-0", commonName: "system:node:worker-0", usage: "both" };
const issued = (settings: CertificateSettings = {}, request: Partial<CertificateRequest> = {}) =>
  synth((stack) => {
    const authority = new CertificateAuthority(stack, "ca", { ...settings, commonName: "blue kubernetes" });
    authority.issue({ ...REQUEST, ...request });
  });

test("the authority signs itself and may sign others (FT-21)", () => {
  expect(only(issued(), "tls_self_signed_cert")).toMatchObject({
    is_ca_certificate: true,
    set_subject_key_id: true,
    allowed_uses: ["cert_signing", "crl_signing", "digital_signature"],
    subject: [{ common_name: "blue kubernetes" }],
  });
});

test("what it issues is signed with its key and names it (FT-21)", () => {
  const stack = issued();
  const ca = Object.keys(stack.resource["tls_self_signed_cert"]!)[0]!;
  const { ca_cert_pem, ca_private_key_pem } = only(stack, "tls_locally_signed_cert");

  expect(ca_cert_pem).toBe(`\${tls_self_signed_cert.${ca}.cert_pem}`);
  expect(ca_private_key_pem).toMatch(/^\$\{tls_private_key\.ca_key_[0-9A-F]{8}\.private_key_pem\}$/);
});

test("a certificate has a key of its own (FT-21)", () => {
  const { private_key_pem } = only(issued(), "tls_cert_request");

  expect(private_key_pem).toMatch(/^\$\{tls_private_key\.ca_worker-0_key_[0-9A-F]{8}\.private_key_pem\}$/);
});

test.each<[CertificateRequest["usage"], string[]]>([
  ["client", ["digital_signature", "key_encipherment", "client_auth"]],
  ["server", ["digital_signature", "key_encipherment", "server_auth"]],
  ["both", ["digital_signature", "key_encipherment", "server_auth", "client_auth"]],
])("a certificate for %s use is good for that alone (FT-22)", (usage, allowed) => {
  expect(only(issued({}, { usage }), "tls_locally_signed_cert").allowed_uses).toEqual(allowed);
});

test("a request holds the names and addresses that it is for (FT-23)", () => {
  const request = only(
    issued({}, { organization: "system:nodes", dnsNames: ["worker-0"], ipAddresses: ["10.240.0.20"] }),
    "tls_cert_request",
  );

  expect(request).toMatchObject({
    subject: [{ common_name: "system:node:worker-0", organization: "system:nodes" }],
    dns_names: ["worker-0"],
    ip_addresses: ["10.240.0.20"],
  });
});

test("a request without names, addresses or organization says nothing of them", () => {
  expect(without(only(issued(), "tls_cert_request"), "private_key_pem")).toEqual({
    subject: [{ common_name: "system:node:worker-0" }],
  });
});

test("certificates are valid for a year, the authority for ten, and both are renewed a month before (FT-22)", () => {
  const stack = issued();
  const times = ["tls_locally_signed_cert", "tls_self_signed_cert"].map((type) => {
    const { validity_period_hours, early_renewal_hours } = only(stack, type);
    return [validity_period_hours, early_renewal_hours] as unknown;
  });

  expect(times).toEqual([
    [8760, 720],
    [87600, 720],
  ]);
});

test("the time of validity is as asked (FT-22)", () => {
  const stack = issued({ validityHours: 48, earlyRenewalHours: 12 });

  expect(only(stack, "tls_locally_signed_cert")).toMatchObject({ validity_period_hours: 48, early_renewal_hours: 12 });
  expect(only(stack, "tls_self_signed_cert")).toMatchObject({ validity_period_hours: 480, early_renewal_hours: 12 });
});

test.each<[CertificateSettings["algorithm"], object]>([
  [undefined, { algorithm: "RSA", rsa_bits: 2048 }],
  ["RSA", { algorithm: "RSA", rsa_bits: 2048 }],
  ["ECDSA", { algorithm: "ECDSA", ecdsa_curve: "P256" }],
])("with algorithm %s every key is of one kind (FT-21)", (algorithm, key) => {
  expect(all(issued(algorithm === undefined ? {} : { algorithm }), "tls_private_key")).toEqual([key, key]);
});

test("a certificate's address is its name below the authority (FT-25)", () => {
  expect(at(issued(), "tls_locally_signed_cert", "ca_worker-0")).toBeDefined();
});
