import { generateKeyPairSync } from "node:crypto";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TerraformOutput } from "cdktf";
import { releaseOf, type Release } from "../../constructs/facts/versions";
import type { ReleaseFile } from "../../constructs/facts/release-files";
import { SecretsEncryption } from "../../constructs/pki/secrets-encryption";
import { prepare } from "../../lab/artifacts/prepare";
import { ScratchMachine } from "../scripts/support/machine";
import { startMirror } from "../scripts/support/mirror";
import { prepare as prepareStage } from "../scripts/support/stages";
import { withProgram } from "../support/flags";
import { synth } from "../support/synth";
import { STRICT } from "./complaints";

/** A configuration file, the program that reads it, and a field of it to misspell. */
interface Configuration {
  readonly program: ReleaseFile;
  readonly file: string;
  readonly field: string;
  /** The command line with which the program reads it and then ends, well or because there is nothing to work with. */
  readonly options: (file: string, folder: string) => readonly string[];
  /** What the program says when it has read all of it. */
  readonly accepted: RegExp;
}

const API_SERVER = ["authentication.yaml", "audit-policy.yaml", "encryption-config.yaml"];
const apiServer = (folder: string, changed: string, file: string): readonly string[] => {
  const [authentication, audit, encryption] = API_SERVER.map((name) => (name === changed ? file : join(folder, name)));
  return [
    ...[`--authentication-config=${authentication}`, `--audit-policy-file=${audit}`, `--audit-log-path=-`],
    ...[`--encryption-provider-config=${encryption}`, `--cert-dir=${folder}/certificates`],
    // Nobody listens there: it ends once it has read everything.
    ...[
      "--etcd-servers=http://127.0.0.1:1",
      "--bind-address=127.0.0.1",
      `--secure-port=${readFileSync(join(folder, "port"), "utf8")}`,
    ],
    ...["--authorization-mode=Node,RBAC", "--service-cluster-ip-range=10.32.0.0/24"],
    ...["--advertise-address=10.240.0.10", "--service-account-issuer=https://api.example"],
    ...[`--service-account-key-file=${folder}/key.pem`, `--service-account-signing-key-file=${folder}/key.pem`],
  ];
};
const ofApiServer = (file: string, field: string): Configuration => ({
  program: "kube-apiserver",
  file,
  field,
  options: (changed, folder) => apiServer(folder, file, changed),
  accepted: /error creating storage factory: context deadline exceeded|connection refused/,
});
const writing = (file: string, folder: string): readonly string[] => [
  `--config=${file}`,
  `--write-config-to=${folder}/written.yaml`,
];

const CONFIGURATIONS: readonly Configuration[] = [
  {
    program: "kubelet",
    file: "kubelet-config.yaml",
    field: "clusterDNS",
    options: (file, folder) => [
      ...[`--config=${file}`, `--config-dir=${folder}/kubelet.conf.d`, `--kubeconfig=${folder}/none`],
      ...[`--root-dir=${folder}/kubelet`, `--cert-dir=${folder}/kubelet`],
    ],
    // What it looks for next, in 1.36 and before.
    accepted: /kubeconfig: stat \S+: no such file|unable to load client CA file/,
  },
  {
    program: "kube-proxy",
    file: "kube-proxy-config.yaml",
    field: "clusterCIDR",
    options: writing,
    accepted: /Wrote configuration/,
  },
  {
    program: "kube-scheduler",
    file: "kube-scheduler.yaml",
    field: "leaderElect",
    options: writing,
    accepted: /Wrote configuration/,
  },
  ofApiServer("authentication.yaml", "conditions"),
  ofApiServer("audit-policy.yaml", "omitStages"),
  ofApiServer("encryption-config.yaml", "resources"),
  {
    program: "containerd",
    file: "config.toml",
    field: "snapshotter",
    options: (file) => [`--config=${file}`, "config", "dump"],
    accepted: /snapshotter = 'overlayfs'/,
  },
];

/** Each configuration that nodes get, as the scripts write it, read by the real program of this release. */
export function acceptsConfiguration(kubernetesVersion: string): void {
  const release: Release = releaseOf(kubernetesVersion);
  let mirrorFolder: string;
  let folder: string;

  beforeAll(async () => {
    ({ mirrorFolder } = await prepare({
      log: (line) => void process.stderr.write(`${line}\n`),
      kubernetesVersions: [kubernetesVersion],
    }));
    folder = mkdtempSync(join(tmpdir(), "configuration-"));
    await render(folder, release);
  }, 60 * 60_000);
  afterAll(() => rmSync(folder, { recursive: true }));

  const read = ({ program, options, accepted }: Configuration, file: string): Promise<string[]> =>
    withProgram(mirrorFolder, program, release, (path) => complaintsOf(path, options(file, folder), accepted));

  // Of a program with several, one stands for all: it is given all of them.
  test.each([...new Map(CONFIGURATIONS.map((configuration) => [configuration.program, configuration])).values()])(
    "$program takes its configuration as it is (FT-34, FT-36, FT-43, FT-45, FT-46)",
    async (configuration) => {
      expect(await read(configuration, join(folder, configuration.file))).toEqual([]);
    },
    120_000,
  );

  test.each(CONFIGURATIONS)(
    "$program would tell of a field of $file that it does not know",
    async (configuration) => {
      const { file, field } = configuration;
      const misspelt = join(folder, `misspelt-${file}`);
      const text = readFileSync(join(folder, file), "utf8");
      writeFileSync(misspelt, text.replace(field, `${field}Misspelt`));

      expect(await read(configuration, misspelt)).toContainEqual(expect.stringContaining(`${field}Misspelt`));
    },
    120_000,
  );
}

/** Runs a program until it ends; what it complains of, and that it did not get to the end. */
async function complaintsOf(path: string, args: readonly string[], accepted: RegExp): Promise<string[]> {
  const output = await new Promise<string>((resolve, reject) => {
    const child = spawn(path, args, { stdio: ["ignore", "pipe", "pipe"], timeout: 90_000 });
    let said = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (data: Buffer) => {
        said += data.toString();
        // What it does afterwards is of no interest, and takes time.
        if (STRICT.test(said) && said.endsWith("\n")) child.kill();
      });
    child.on("error", reject);
    child.on("close", () => resolve(said));
  });
  const complaints = output.split("\n").filter((line) => STRICT.test(line));
  if (complaints.length > 0 || accepted.test(output)) return complaints;
  return [`${path} did not read it to its end: ${output.trim().split("\n").at(-1)}`];
}

/** Lays the configurations down as the stages write them; what they point to is there as far as it is read. */
async function render(folder: string, release: Release): Promise<void> {
  const mirror = await startMirror();
  const machine = new ScratchMachine();
  try {
    prepareStage(machine, "worker", mirror, { PAUSE_IMAGE: `registry.k8s.io/pause:${release.pause}` });
    const { status, said } = await machine.run("worker");
    if (status !== 0) throw new Error(said);
    const kubeconfig = join(folder, "kubeconfig");
    writeFileSync(
      kubeconfig,
      "apiVersion: v1\nkind: Config\ncurrent-context: none\ncontexts: [{name: none, context: {cluster: none}}]\n" +
        "clusters: [{name: none, cluster: {server: 'https://127.0.0.1:1'}}]\n",
    );
    const lay = (name: string, text: string): void =>
      writeFileSync(join(folder, name), text.replace(/(?<=kubeconfig: )\S+/, kubeconfig));
    lay("kubelet-config.yaml", machine.read("var/lib/kubelet/kubelet-config.yaml"));
    lay("kube-proxy-config.yaml", machine.read("var/lib/kube-proxy/kube-proxy-config.yaml"));
    lay("config.toml", machine.read("etc/containerd/config.toml"));
    const config = join(__dirname, "../../scripts/control-plane/config");
    for (const name of ["kube-scheduler.yaml", "authentication.yaml", "audit-policy.yaml"])
      lay(name, readFileSync(join(config, name), "utf8"));
    lay("encryption-config.yaml", encryptionConfiguration());
    const key = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ type: "pkcs1", format: "pem" });
    writeFileSync(join(folder, "key.pem"), key);
    writeFileSync(join(folder, "port"), String(await freePort()));
    // The machine's own drop-in where this test runs on cgroup v1.
    mkdirSync(join(folder, "kubelet.conf.d"));
    writeFileSync(
      join(folder, "kubelet.conf.d", "10-cgroups.conf"),
      "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nfailCgroupV1: false\n",
    );
  } finally {
    machine.remove();
    await mirror.stop();
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function encryptionConfiguration(): string {
  const stack = synth((scope) => {
    new TerraformOutput(scope, "config", { value: new SecretsEncryption(scope, "encryption").config });
  });
  const { output } = JSON.parse(stack.json) as { output: { config: { value: string } } };
  return output.config.value.replace(/\$\{.*\}/, Buffer.alloc(32, 1).toString("base64"));
}
