import { X509Certificate, createPrivateKey, createPublicKey } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkServerIdentity, connect, createServer, type PeerCertificate } from "node:tls";
import { TlsProvider } from "@cdktf/provider-tls/lib/provider";
import { TerraformOutput } from "cdktf";
import { parse } from "yaml";
import { CertificateAuthority } from "../../constructs/pki/certificate-authority";
import { pkiStack } from "../support/pki-stack";
import { withoutHash } from "../support/resources";
import { synthInto } from "../support/synth";
import { initialised, type Terraform } from "../support/terraform";

const CLIENT = "1.3.6.1.5.5.7.3.2";
const SERVER = "1.3.6.1.5.5.7.3.1";
const HOUR = 3_600_000;
const scratch = mkdtempSync(join(tmpdir(), "pki-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Where a certificate lies: the machine's output, and the file's name without its ending. */
type Place = readonly [output: string, file: string];
const LEAVES: readonly [...Place, ca: string, subject: string, usages: string[]][] = [
  ["controllers", "kube-apiserver", "ca.pem", "CN=kube-apiserver", [SERVER]],
  ["controllers", "kubelet-client", "ca.pem", "CN=kubernetes", [CLIENT]],
  ["controllers", "etcd-client", "etcd-ca.pem", "CN=kube-apiserver-etcd-client", [CLIENT]],
  ["controllers", "front-proxy-client", "front-proxy-ca.pem", "CN=front-proxy-client", [CLIENT]],
  ["etcd-controller-0", "etcd", "etcd-ca.pem", "CN=controller-0", [SERVER, CLIENT]],
  ["etcd-controller-1", "etcd", "etcd-ca.pem", "CN=controller-1", [SERVER, CLIENT]],
  ["worker-0", "kubelet", "ca.pem", "O=system:nodes\nCN=system:node:worker-0", [SERVER, CLIENT]],
  ["worker-1", "kubelet", "ca.pem", "O=system:nodes\nCN=system:node:worker-1", [SERVER, CLIENT]],
];
const KUBECONFIGS: readonly [...Place, user: string, subject: string, server: string][] = [
  ["controllers", "admin", "admin", "O=system:masters\nCN=admin", "https://127.0.0.1:6443"],
  [
    "controllers",
    "kube-controller-manager",
    "system:kube-controller-manager",
    "O=system:kube-controller-manager\nCN=system:kube-controller-manager",
    "https://127.0.0.1:6443",
  ],
  [
    "controllers",
    "kube-scheduler",
    "system:kube-scheduler",
    "O=system:kube-scheduler\nCN=system:kube-scheduler",
    "https://127.0.0.1:6443",
  ],
  [
    "worker-0",
    "kubelet",
    "system:node:worker-0",
    "O=system:nodes\nCN=system:node:worker-0",
    "https://api.example.com:6443",
  ],
  [
    "worker-1",
    "kubelet",
    "system:node:worker-1",
    "O=system:nodes\nCN=system:node:worker-1",
    "https://api.example.com:6443",
  ],
  [
    "worker-0",
    "kube-proxy",
    "system:kube-proxy",
    "O=system:node-proxier\nCN=system:kube-proxy",
    "https://api.example.com:6443",
  ],
];
const API_NAMES = [
  "kubernetes",
  "kubernetes.default",
  "kubernetes.default.svc",
  "kubernetes.default.svc.cluster.local",
  "localhost",
  "controller-0",
  "controller-1",
  "api.example.com",
];
const API_ADDRESSES = ["127.0.0.1", "10.32.0.1", "10.240.0.10", "10.240.0.11"];

interface Kubeconfig {
  readonly clusters: readonly [{ cluster: { server: string; "certificate-authority-data": string } }];
  readonly users: readonly [{ name: string; user: { "client-certificate-data": string; "client-key-data": string } }];
  readonly contexts: readonly [{ name: string; context: { cluster: string; user: string } }];
  readonly "current-context": string;
}

describe.each(["RSA", "ECDSA"] as const)("with %s", (algorithm) => {
  let terraform: Terraform;
  let files: Record<string, Record<string, string>>;
  const text = (output: string, file: string): string => files[output]![file]!;
  const certificate = (output: string, file: string): X509Certificate => new X509Certificate(text(output, file));
  const pair = ([output, file]: Place): { cert: string; key: string } => ({
    cert: text(output, `${file}.pem`),
    key: text(output, `${file}-key.pem`),
  });

  beforeAll(async () => {
    const folder = synthInto(join(scratch, algorithm), (stack) => pkiStack(stack, { algorithm }));
    terraform = await initialised(folder);
    await terraform.succeed("apply", "-auto-approve", "-input=false", "-no-color");
    const outputs = JSON.parse(await terraform.succeed("output", "-json")) as Record<string, { value: never }>;
    files = Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value]));
  }, 900_000);

  test("a second plan changes nothing (FT-21)", async () => {
    const { status, stdout } = await terraform.run("plan", "-detailed-exitcode", "-input=false", "-no-color");

    expect([status, stdout]).toEqual([0, expect.stringContaining("No changes.")]);
  }, 60_000);

  test.each(["ca.pem", "etcd-ca.pem", "front-proxy-ca.pem"])(
    "%s is an authority that signed itself (FT-21)",
    (file) => {
      const authority = certificate("controllers", file);

      expect([authority.ca, authority.verify(authority.publicKey)]).toEqual([true, true]);
    },
  );

  test("the three authorities have three keys and three names (FT-21)", () => {
    const authorities = ["ca.pem", "etcd-ca.pem", "front-proxy-ca.pem"].map((file) => certificate("controllers", file));

    expect(authorities.map(({ subject }) => subject)).toEqual([
      "CN=blue kubernetes",
      "CN=blue etcd",
      "CN=blue front-proxy",
    ]);
    expect(new Set(authorities.map(({ publicKey }) => publicKey.export({ format: "pem", type: "spki" }))).size).toBe(3);
  });

  test.each(LEAVES)("%s %s is signed by %s and by no other (FT-21)", (output, file, ca) => {
    const leaf = certificate(output, `${file}.pem`);
    const signers = ["ca.pem", "etcd-ca.pem", "front-proxy-ca.pem"].filter((name) => {
      const authority = certificate("controllers", name);
      return leaf.checkIssued(authority) && leaf.verify(authority.publicKey);
    });

    expect(signers).toEqual([ca]);
  });

  test.each(LEAVES)(
    "%s %s, of %s, says who it is and what it is good for (FT-22, FT-27)",
    (output, file, _, subject, usages) => {
      const leaf = certificate(output, `${file}.pem`);

      expect([leaf.subject, leaf.keyUsage, leaf.ca]).toEqual([subject, usages, false]);
    },
  );

  test.each(LEAVES)("%s %s has its key beside it (FT-22)", (output, file) => {
    const { cert, key } = pair([output, file]);

    expect(new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))).toBe(true);
  });

  test.each(LEAVES)("the key of %s %s is of the kind that was asked for (FT-21)", (output, file) => {
    const { asymmetricKeyType, asymmetricKeyDetails } = createPrivateKey(pair([output, file]).key);
    const kind = algorithm === "RSA" ? asymmetricKeyDetails!.modulusLength : asymmetricKeyDetails!.namedCurve;

    expect([asymmetricKeyType, kind]).toEqual(algorithm === "RSA" ? ["rsa", 2048] : ["ec", "prime256v1"]);
  });

  test("no two certificates have one key (FT-22)", () => {
    const keys = LEAVES.map(([output, file]) => pair([output, file]).key);

    expect(new Set(keys).size).toBe(LEAVES.length);
  });

  test("a certificate is valid for a year, an authority for ten (FT-22)", () => {
    const hours = ["kube-apiserver.pem", "ca.pem"].map((file) => {
      const { validFrom, validTo } = certificate("controllers", file);
      return (Date.parse(validTo) - Date.parse(validFrom)) / HOUR;
    });

    expect(hours).toEqual([8760, 87600]);
  });

  test("the API server's names and addresses are these and no others (FT-23, LD-02)", () => {
    const names = certificate("controllers", "kube-apiserver.pem").subjectAltName!.split(", ");

    expect(names).toEqual([
      ...API_NAMES.map((name) => `DNS:${name}`),
      ...API_ADDRESSES.map((address) => `IP Address:${address}`),
    ]);
  });

  test.each(API_NAMES)("TLS to the API server verifies by the name %s (FT-23, LD-02)", async (name) => {
    expect(
      await handshake({ server: pair(["controllers", "kube-apiserver"]), ca: text("worker-0", "ca.pem"), name }),
    ).toBe("ok");
  });

  test.each(API_ADDRESSES)("TLS to the API server verifies by the address %s (FT-23)", async (name) => {
    expect(
      await handshake({ server: pair(["controllers", "kube-apiserver"]), ca: text("worker-0", "ca.pem"), name }),
    ).toBe("ok");
  });

  test("TLS to the API server fails by any other name (FT-23)", async () => {
    const server = pair(["controllers", "kube-apiserver"]);

    expect(await handshake({ server, ca: text("worker-0", "ca.pem"), name: "api.example.org" })).toMatch(/altnames/);
  });

  test.each<[string, Place, string, Place]>([
    ["the API server calls etcd", ["etcd-controller-1", "etcd"], "etcd-ca.pem", ["controllers", "etcd-client"]],
    ["etcd calls its peer", ["etcd-controller-1", "etcd"], "etcd-ca.pem", ["etcd-controller-0", "etcd"]],
    ["the API server calls a kubelet", ["worker-0", "kubelet"], "ca.pem", ["controllers", "kubelet-client"]],
    ["a kubelet calls the API server", ["controllers", "kube-apiserver"], "ca.pem", ["worker-0", "kubelet"]],
  ])("%s, and each side believes the other (FT-22)", async (_, server, ca, client) => {
    expect(await handshake({ server: pair(server), ca: text("controllers", ca), client: pair(client) })).toBe("ok");
  });

  test.each<[string, Place, string, Place]>([
    ["etcd refuses a kubelet", ["etcd-controller-0", "etcd"], "etcd-ca.pem", ["worker-0", "kubelet"]],
    [
      "the API server refuses an etcd member",
      ["controllers", "kube-apiserver"],
      "ca.pem",
      ["etcd-controller-0", "etcd"],
    ],
    ["a server's certificate is no client's", ["worker-0", "kubelet"], "ca.pem", ["controllers", "kube-apiserver"]],
  ])("fails as %s (FT-22)", async (_, server, ca, client) => {
    expect(await handshake({ server: pair(server), ca: text("controllers", ca), client: pair(client) })).not.toBe("ok");
  });

  test("the authority's key signs, and no worker has it (FT-21)", () => {
    const key = createPrivateKey(text("controllers", "ca-key.pem"));

    expect(certificate("controllers", "ca.pem").checkPrivateKey(key)).toBe(true);
    expect(JSON.stringify([files["worker-0"], files["worker-1"]])).not.toContain(
      JSON.stringify(text("controllers", "ca-key.pem")).slice(1, -1),
    );
  });

  test("service accounts have a key pair of their own, always RSA (FT-22)", () => {
    const key = createPrivateKey(text("controllers", "service-account-key.pem"));
    const spki = (pem: Parameters<typeof createPublicKey>[0]) =>
      createPublicKey(pem).export({ format: "pem", type: "spki" });

    expect(key.asymmetricKeyType).toBe("rsa");
    expect(spki(text("controllers", "service-account.pem"))).toBe(spki(text("controllers", "service-account-key.pem")));
  });

  test.each(KUBECONFIGS)(
    "%s: the kubeconfig of %s is %s's way to the API (FT-26, FT-27)",
    (output, file, user, subject, server) => {
      const config = parse(text(output, `${file}.kubeconfig`)) as Kubeconfig;
      const [{ user: credentials, name }] = config.users;
      const decode = (data: string): string => Buffer.from(data, "base64").toString();
      const leaf = new X509Certificate(decode(credentials["client-certificate-data"]));

      expect([name, config.clusters[0].cluster.server, leaf.subject]).toEqual([user, server, subject]);
      expect(config.contexts).toEqual([{ name: config["current-context"], context: { cluster: "blue", user } }]);
      expect(leaf.checkPrivateKey(createPrivateKey(decode(credentials["client-key-data"])))).toBe(true);
      expect(leaf.verify(certificate("controllers", "ca.pem").publicKey)).toBe(true);
      expect(decode(config.clusters[0].cluster["certificate-authority-data"])).toBe(text(output, "ca.pem"));
    },
  );

  test("Secrets are encrypted with key1 of 32 bytes (FT-28)", () => {
    const config = parse(text("controllers", "encryption-config.yaml")) as {
      resources: [
        { resources: string[]; providers: [{ aescbc: { keys: [{ name: string; secret: string }] } }, object] },
      ];
    };
    const [{ resources, providers }] = config.resources;
    const [{ name, secret }] = providers[0].aescbc.keys;

    expect([resources, name, Buffer.from(secret, "base64").length, providers[1]]).toEqual([
      ["secrets"],
      "key1",
      32,
      { identity: {} },
    ]);
  });

  test("another name of the API replaces that certificate alone, and no key (FT-25)", async () => {
    synthInto(join(scratch, algorithm), (stack) => pkiStack(stack, { algorithm, apiName: "api.example.org" }));
    const plan = await terraform.plan();
    const changed = plan.resource_changes.filter(({ change }) => change.actions.join() !== "no-op");

    expect(changed.map(({ address }) => withoutHash(address))).toEqual([
      "tls_cert_request.pki_kubernetes_kube-apiserver_request",
      "tls_locally_signed_cert.pki_kubernetes_kube-apiserver",
    ]);
  }, 60_000);
});

test("fails in Terraform itself for an output with a key that is not called sensitive (LD-14)", async () => {
  const folder = synthInto(join(scratch, "open"), (stack) => {
    new TlsProvider(stack, "tls");
    const { keyPem } = new CertificateAuthority(stack, "ca", { commonName: "blue" });
    new TerraformOutput(stack, "key", { value: keyPem });
  });
  const terraform = await initialised(folder);

  expect((await terraform.complaints()).map(({ summary }) => summary)).toEqual(["Output refers to sensitive values"]);
}, 900_000);

/** Ends of a TLS connection on the loopback: "ok", or why one of them does not believe the other. */
function handshake(ends: {
  readonly server: { readonly cert: string; readonly key: string };
  readonly ca: string;
  readonly client?: { readonly cert: string; readonly key: string };
  /** Whom the client wants to speak to. */
  readonly name?: string;
}): Promise<string> {
  const { server, ca, client, name } = ends;
  return new Promise((resolve) => {
    const listener = createServer({ ...server, ca, requestCert: client !== undefined, rejectUnauthorized: true });
    const end = (answer: string): void => {
      listener.close();
      resolve(answer);
    };
    listener.on("tlsClientError", (error) => end(error.message));
    listener.on("secureConnection", (socket) => socket.end("ok"));
    listener.listen(0, "127.0.0.1", () => {
      const { port } = listener.address() as { port: number };
      const socket = connect({
        host: "127.0.0.1",
        port,
        ca,
        ...client,
        checkServerIdentity: (_: string, peer: PeerCertificate) =>
          name === undefined ? undefined : checkServerIdentity(name, peer),
      });
      // A server that refuses the client says so after the client's own handshake: only what it sends proves it well.
      socket.on("data", (data: Buffer) => end(data.toString()));
      socket.on("error", (error) => end(error.message));
    });
  });
}
