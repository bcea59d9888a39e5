import { rmSync } from "node:fs";
import { join } from "node:path";
import { type Outcome, ScratchMachine, type Variables } from "./support/machine";
import { type Mirror, releases, startMirror } from "./support/mirror";
import { declaration, environment, files, prepare, type StageName, stageNames } from "./support/stages";

// Runs of real shell take their time on a busy machine.
jest.setTimeout(180_000);

let mirror: Mirror;
let machine: ScratchMachine;
beforeAll(async () => {
  mirror = await startMirror();
});
afterAll(() => mirror.stop());
beforeEach(() => {
  machine = new ScratchMachine();
});
afterEach(() => machine.remove());

const run = (stage: StageName, changes: Variables = {}, extra: Variables = {}): Promise<Outcome> => {
  prepare(machine, stage, mirror, changes);
  return machine.run(stage, extra);
};

/** Nothing but the machine's own files, what a test laid down, and the log. */
const nothingChanged = (before: Record<string, number>): void => expect(machine.writtenAt()).toEqual(before);

test.each(stageNames)("%s fails for each variable that is missing, and says its name (FT-51, F-10)", async (stage) => {
  const { reads } = declaration(stage);
  const env = environment(stage, mirror);
  prepare(machine, stage, mirror);
  const before = machine.writtenAt();

  for (const missing of reads) {
    machine.upload(stage, Object.fromEntries(Object.entries(env).filter(([name]) => name !== missing)), files(stage));
    // A value in the environment is none in node.env.
    const outcome = await machine.run(stage, { [missing]: "from elsewhere" });
    expect(outcome.status).toBe(1);
    expect(outcome.errors).toEqual([
      expect.stringMatching(
        new RegExp(
          `^error: ${stage} on \\S+: ${missing} is not set in node.env: /\\S+/node.env; give it a value and run the stage again$`,
        ),
      ),
    ]);
  }
  nothingChanged(before);
});

test.each(stageNames)("%s fails for each variable that is empty, and says its name (FT-51, F-10)", async (stage) => {
  const { reads, mayBeEmpty } = declaration(stage);
  prepare(machine, stage, mirror);
  const before = machine.writtenAt();

  for (const empty of reads.filter((name) => !mayBeEmpty.includes(name))) {
    machine.upload(stage, { ...environment(stage, mirror), [empty]: "" }, files(stage));
    const outcome = await machine.run(stage);
    expect(outcome.status).toBe(1);
    expect(outcome.errors).toEqual([
      empty.endsWith("_SHA256")
        ? expect.stringMatching(/^error: \S+ on \S+: no checksum for http:\S+; add it to the variable checksums$/)
        : expect.stringMatching(new RegExp(`^error: ${stage} on \\S+: ${empty} is empty in node.env: `)),
    ]);
  }
  nothingChanged(before);
});

test("fails without node.env", async () => {
  prepare(machine, "rbac", mirror);
  machine.upload("rbac", {});

  expect((await machine.run("rbac")).errors).toEqual([
    expect.stringMatching(/^error: rbac on \S+: NODE_NAME is not set in node.env: /),
  ]);
});

test("fails for a wrong checksum and installs nothing of it (FT-33, rule checksums)", async () => {
  const wrong = "0".repeat(64);
  const { status, errors } = await run("worker", { KUBELET_SHA256: wrong });

  expect(status).toBe(1);
  expect(errors).toEqual([
    `error: worker on worker-0: wrong checksum for ${mirror.url(releases.kubernetes("kubelet"))}: expected ${wrong}, ` +
      `got ${mirror.sum(releases.kubernetes("kubelet"))}; nothing was installed, correct the variable checksums or the mirror`,
  ]);
  expect(machine.tree().filter((row) => row.includes("kubelet") && !row.includes("/var/lib/kubelet/"))).toEqual([]);
});

test("fails for a wrong checksum of an archive, and leaves the old program in place (FT-33)", async () => {
  await run("etcd");
  const before = machine.writtenAt();
  const { errors } = await run("etcd", { ETCD_SHA256: "1".repeat(64) });

  expect(errors).toEqual([expect.stringContaining(`wrong checksum for ${mirror.url(releases.etcd)}: expected 1111`)]);
  nothingChanged(before);
});

test("fails for a file that the mirror does not have, and says its address", async () => {
  const url = mirror.url("release/v9.9.9/kubelet");

  expect((await run("worker", { KUBELET_URL: url })).errors).toEqual([
    `error: worker on worker-0: cannot download ${url}: the server answers 404; check the version, or the mirror's content`,
  ]);
});

test("fails for a server that does not answer, and says its address (F-29, rule mirror)", async () => {
  const url = "http://127.0.0.1:1/kubelet";

  expect((await run("worker", { KUBELET_URL: url })).errors).toEqual([
    expect.stringMatching(
      /^error: worker on worker-0: cannot download http:\/\/127.0.0.1:1\/kubelet: curl: \(7\) Failed to connect .*; check the way out of this machine, or set a mirror$/,
    ),
  ]);
});

test("fails for etcd of another version than the variable says (F-08)", async () => {
  const { errors } = await run("etcd", { ETCD_VERSION: "3.4.10" });

  expect(errors).toEqual([
    `error: etcd on controller-0: etcd is not version 3.4.10: ${mirror.url(releases.etcd)} says "etcd Version: 3.6.16"; ` +
      "make the version and the address agree",
  ]);
  expect(machine.tree().filter((row) => row.includes("/usr/local/bin"))).toEqual(["0755 /usr/local/bin/"]);
});

test("fails for a kubelet of another version than the cluster (F-01, rule kubernetes-version)", async () => {
  const { errors } = await run("worker", { KUBERNETES_VERSION: "1.36.30" });

  expect(errors).toEqual([
    `error: worker on worker-0: kubelet is not version 1.36.30: ${mirror.url(releases.kubernetes("kubelet"))} ` +
      'says "Kubernetes v1.36.3"; make the version and the address agree',
  ]);
});

test("takes sums by sha256sum where openssl fails, or lies (FT-33)", async () => {
  for (const openssl of ["echo 'no configuration' >&2; exit 1", "echo '0 */dev/null'"]) {
    machine.write("commands/openssl", `#!/bin/sh\nprintf 'openssl\\n' >>"$COMMANDS/calls"\n${openssl}\n`, 0o755);

    expect(await run("etcd")).toMatchObject({ status: 0, errors: [] });
    expect(machine.calls().filter((call) => call === "openssl")).toHaveLength(1);
  }
});

test("fails for a certificate that was neither uploaded nor installed", async () => {
  prepare(machine, "etcd", mirror);
  machine.upload("etcd", environment("etcd", mirror), { "etcd-ca.pem": "content\n" });

  expect((await machine.run("etcd")).errors).toEqual([
    expect.stringMatching(
      /^error: etcd on controller-0: etcd.pem is missing: neither in \S+\/files nor at \/etc\/etcd\/etcd.pem; run terraform apply again$/,
    ),
  ]);
});

test("keeps the uploads when it fails, for the next run", async () => {
  await run("worker", { KUBELET_SHA256: "0".repeat(64) });

  expect(machine.uploaded("worker")).toHaveLength(5);
});

test("fails when etcd has no majority, with the last words of etcdctl", async () => {
  const { errors } = await run("control-plane", {}, { NO_QUORUM: "yes" });

  expect(errors).toEqual([
    "error: control-plane on controller-0: etcd has no majority after 0 s: https://10.240.0.10:2379: " +
      "context deadline exceeded; see journalctl -u etcd on each controller",
  ]);
  expect(machine.tree()).not.toContain("0755 /usr/local/bin/kube-apiserver");
});

test.each<[StageName, string]>([
  ["etcd", "etcd"],
  ["control-plane", "kube-apiserver"],
  ["control-plane", "kube-controller-manager"],
  ["control-plane", "kube-scheduler"],
  ["worker", "containerd"],
  ["worker", "kubelet"],
  ["worker", "kube-proxy"],
])("%s fails when %s does not come up, with the unit's name and its last error", async (stage, name) => {
  prepare(machine, stage, mirror);
  machine.write(
    "commands/journal",
    `I1121 00:16:56.032446    9543 server.go:1] "Starting"\n` +
      `E1121 00:16:56.039222    9543 run.go:72] "command failed" err="unknown flag: --nonsense"\n` +
      `I1121 00:16:56.039229    9543 server.go:2] "Good bye"\n\n` +
      `${name}.service: Main process exited, code=exited, status=1/FAILURE\n` +
      `${name}.service: Failed with result 'exit-code'.\n`,
  );
  const { status, errors } = await machine.run(stage, { BROKEN_UNIT: `${name}.service` });

  expect(status).toBe(1);
  expect(errors).toEqual([
    expect.stringMatching(
      new RegExp(
        `^error: ${stage} on \\S+: ${name}.service is not ready after 0 s \\(activating auto-restart\\): ` +
          `E1121 .*unknown flag: --nonsense"; see journalctl -u ${name}.service$`,
      ),
    ),
  ]);
});

test("worker starts kubelet anew, whose start systemd gave up when containerd's failed at first (FT-50)", async () => {
  prepare(machine, "worker", mirror);

  expect(await machine.run("worker", { LATE_UNIT: "kubelet.service" })).toMatchObject({ status: 0, errors: [] });
  expect(machine.calls().filter((call) => call === "systemctl start --no-block kubelet.service")).toHaveLength(2);
});

test("fails when the node does not become Ready, with its conditions and kubelet's last error (FT-47, F-13)", async () => {
  prepare(machine, "worker", mirror);
  machine.write("commands/journal", `E1121 00:16:56.039222 9543 kubelet.go:1] "Container runtime network not ready"\n`);
  const { errors } = await machine.run("worker", { NODE_READY: "False" });

  expect(errors).toEqual([
    "error: worker on worker-0: node worker-0 is not Ready after 0 s: Ready=False at 2026-11-21T00:16:57Z (container runtime network " +
      "not ready: cni config uninitialized), kubelet, started at 1970-01-01T00:00:00Z, says: " +
      'E1121 00:16:56.039222 9543 kubelet.go:1] "Container runtime network not ready"; ' +
      "see journalctl -u kubelet",
  ]);
});

test.each([
  ["believes the kubelet that it has started", "2026-11-21T00:16:57Z", 0],
  ["does not believe the kubelet of before", "2026-11-21T00:16:58Z", 1],
])("%s that the node is Ready (FT-47, FT-49)", async (_, started, status) => {
  prepare(machine, "worker", mirror);

  expect((await machine.run("worker", { STARTED: String(Date.parse(started) / 1000) })).status).toBe(status);
});

test("fails when CoreDNS does not come up, with the state of its pods (FT-56)", async () => {
  const { errors } = await run("coredns", {}, { BROKEN_ROLLOUT: "yes" });

  expect(errors).toEqual([
    "error: coredns on controller-0: CoreDNS is not ready after 0 s: coredns-1 on worker-0 is Pending ErrImagePull no such image , " +
      "see kubectl -n kube-system describe pods -l k8s-app=kube-dns",
  ]);
});

test("fails when a package cannot be had, with apt's last line (FT-41)", async () => {
  const { errors } = await run("worker", {}, { BROKEN_APT: "yes" });

  expect(errors).toEqual([
    "error: worker on worker-0: cannot install socat conntrack ipset: E: Unable to locate package ipset; " +
      "check http://mirror.example/debian",
  ]);
});

test("fails when nginx does not accept its configuration, with what it says (FT-38)", async () => {
  prepare(machine, "control-plane", mirror, { HEALTH_PROXY: "nginx" });
  const { status, errors } = await machine.run("control-plane", { BROKEN_NGINX: "sever" });

  expect(status).toBe(1);
  expect(errors).toEqual([
    "error: control-plane on controller-0: nginx does not accept its configuration: " +
      "/etc/nginx/sites-available/kubernetes.default.svc.cluster.local: " +
      'nginx: [emerg] unknown directive "sever" in /etc/nginx/nginx.conf:1; see nginx -t',
  ]);
});

test("tells a failure that nobody foresaw by its step, its command and its last line", async () => {
  // Of a unit that systemd knows, which is why it is told that the file is another.
  expect(await run("worker")).toMatchObject({ status: 0 });
  const { status, errors } = await run("worker", { KUBELET_ARGUMENTS: "--v=3" }, { BROKEN_SYSTEMCTL: "daemon-reload" });

  expect(status).toBe(1);
  expect(errors).toEqual([
    "error: worker on worker-0: step kubelet failed: systemctl daemon-reload: Failed to daemon-reload daemon-reload: " +
      `Connection timed out; see ${machine.root}/var/log/kubernetes-bootstrap/worker.log`,
  ]);
});

// A test that forgot its stand-ins would otherwise restart services of whoever runs it.
test("refuses a ROOT beside this machine's own systemctl", async () => {
  prepare(machine, "rbac", mirror);
  rmSync(join(machine.root, "commands/systemctl"));

  expect((await machine.run("rbac")).errors).toEqual([
    expect.stringMatching(/^error: rbac on \S+: ROOT is set but systemctl is this machine's own: /),
  ]);
});

describe("a controller that has another version already", () => {
  const before = (version: string): void =>
    machine.write("usr/local/bin/kube-apiserver", `#!/bin/sh\necho Kubernetes v${version}\n`, 0o755);

  test.each([
    ["1.34.4", "one that would be skipped"],
    ["1.37.0", "a newer one"],
  ])("refuses to go on from %s, %s, and changes nothing (F-02)", async (version) => {
    before(version);
    const written = machine.writtenAt();
    const minor = version.replace(/\.\d+$/, "");
    const { status, errors } = await run("control-plane");

    expect(status).toBe(1);
    expect(errors).toEqual([
      `error: control-plane on controller-0: Kubernetes ${version} cannot become 1.36.3: ` +
        `${join(machine.root, "usr/local/bin/kube-apiserver")}; a control plane goes up one minor version at a time, ` +
        `so set kubernetesVersion to a ${minor} or a 1.${Number(minor.slice(2)) + 1}`,
    ]);
    // What earlier stages have left is laid down by the run's own preparation.
    expect(machine.writtenAt()).toMatchObject(written);
    expect(machine.tree().filter((row) => row.includes("/var/lib/kubernetes/"))).toEqual([]);
  });

  test.each(["1.35.4", "1.36.0", "1.36.99", "of which nobody knows"])("goes on from %s (F-02)", async (version) => {
    before(version);

    expect(await run("control-plane")).toMatchObject({ status: 0 });
    expect(machine.read("usr/local/bin/kube-apiserver")).toContain("v1.36.3");
  });
});
