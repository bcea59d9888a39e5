import { parse } from "yaml";
import { kubeconfig } from "../../constructs/pki/kubeconfig";

const text = kubeconfig({
  clusterName: "blue",
  server: "api.example.com:6443",
  user: "system:node:worker-0",
  caPem: "CA",
  certificate: { certPem: "CERT", keyPem: "KEY" },
});
const resolved = text.replace(/\$\{TfToken\[TOKEN\.\d+\]\}/g, "DATA");

test("is one user's way to one cluster (FT-26)", () => {
  expect(parse(resolved)).toEqual({
    apiVersion: "v1",
    kind: "Config",
    clusters: [
      { name: "blue", cluster: { "certificate-authority-data": "DATA", server: "https://api.example.com:6443" } },
    ],
    users: [{ name: "system:node:worker-0", user: { "client-certificate-data": "DATA", "client-key-data": "DATA" } }],
    contexts: [{ name: "blue", context: { cluster: "blue", user: "system:node:worker-0" } }],
    "current-context": "blue",
  });
});

test("names no file, so it works wherever it is put (FT-26, F-17)", () => {
  expect(text).not.toMatch(/certificate-authority:|client-certificate:|client-key:|\.pem/);
});
