import { certificateRequests } from "../../constructs/pki/certificate-requests";
import type { CertificateSettings } from "../../constructs/pki/certificate-authority";
import { Pki } from "../../constructs/pki/pki";
import { all, at, named } from "../support/resources";
import { synth } from "../support/synth";

const requests = certificateRequests({
  controllers: [{ name: "controller-0", privateIp: "10.240.0.10" }],
  workers: [{ name: "worker-0", privateIp: "10.240.0.20" }],
  apiNames: ["api.example.com"],
  apiServiceIp: "10.32.0.1",
  clusterDomain: "cluster.local",
});
let made: Pki;
const pki = (settings: CertificateSettings = {}) =>
  synth((stack) => {
    made = new Pki(stack, "pki", { ...settings, clusterName: "blue", requests });
  });

test("there are three authorities, each named by what it signs for (FT-21)", () => {
  const names = Object.entries(named(pki(), "tls_self_signed_cert")).map(([name, { subject }]) => [
    name,
    (subject as { common_name: string }[])[0]!.common_name,
  ]);

  expect(names).toEqual([
    ["pki_etcd", "blue etcd"],
    ["pki_front-proxy", "blue front-proxy"],
    ["pki_kubernetes", "blue kubernetes"],
  ]);
});

test.each([
  ["pki_kubernetes_admin", "pki_kubernetes"],
  ["pki_kubernetes_kube-apiserver", "pki_kubernetes"],
  ["pki_kubernetes_worker-0", "pki_kubernetes"],
  ["pki_etcd_controller-0", "pki_etcd"],
  ["pki_etcd_client", "pki_etcd"],
  ["pki_front-proxy_client", "pki_front-proxy"],
])("%s is signed by %s and no other (FT-21)", (certificate, authority) => {
  const { ca_cert_pem } = at(pki(), "tls_locally_signed_cert", certificate);

  expect((ca_cert_pem as string).replace(/_[0-9A-F]{8}\.cert_pem\}$/, "")).toBe(`\${tls_self_signed_cert.${authority}`);
});

test("every certificate of the table is issued, and no other (FT-22)", () => {
  expect(Object.keys(named(pki(), "tls_locally_signed_cert"))).toEqual([
    "pki_etcd_client",
    "pki_etcd_controller-0",
    "pki_front-proxy_client",
    "pki_kubernetes_admin",
    "pki_kubernetes_kube-apiserver",
    "pki_kubernetes_kube-controller-manager",
    "pki_kubernetes_kube-proxy",
    "pki_kubernetes_kube-scheduler",
    "pki_kubernetes_kubelet-client",
    "pki_kubernetes_worker-0",
  ]);
});

test("the settings hold for every certificate (FT-22)", () => {
  const hours = all(pki({ validityHours: 100, earlyRenewalHours: 10 }), "tls_locally_signed_cert").map(
    ({ validity_period_hours }) => validity_period_hours as number,
  );

  expect(new Set(hours)).toEqual(new Set([100]));
});

test.each(["RSA", "ECDSA"] as const)(
  "service accounts are signed for with RSA when certificates are %s (FT-22)",
  (algorithm) => {
    expect(at(pki({ algorithm }), "tls_private_key", "pki_service-account")).toEqual({
      algorithm: "RSA",
      rsa_bits: 2048,
    });
  },
);

test("fails for a certificate that the table does not have", () => {
  pki();

  expect(() => made.certificate("etcd", "worker-0")).toThrow("no certificate 'worker-0' of the authority 'etcd'");
});
