import { readFileSync } from "node:fs";
import { join } from "node:path";
import { STAGES, stageNamed, type Stage } from "../../constructs/bootstrap/stages";

const REPOSITORY = join(__dirname, "..", "..");
const page = readFileSync(join(REPOSITORY, "docs", "stages.md"), "utf8");

test("the order of events is SSH host keys, the proxy, programs, etcd, overlay, credentials for images, control plane, RBAC, workers, their labels, DNS, logs (FT-49)", () => {
  expect(STAGES.map(({ name, runsOn, waitsFor }) => [name, runsOn, waitsFor])).toEqual([
    ["ssh-host-key", "every machine", ["network"]],
    ["proxy", "every machine", ["ssh-host-key"]],
    ["control-plane-programs", "each controller", ["ssh-host-key", "proxy"]],
    ["worker-programs", "each worker", ["ssh-host-key", "proxy"]],
    ["etcd", "each controller", ["ssh-host-key", "proxy"]],
    ["vxlan", "every machine", ["ssh-host-key"]],
    ["image-credentials", "each worker", ["ssh-host-key", "proxy"]],
    ["control-plane", "each controller", ["etcd", "control-plane-programs"]],
    ["rbac", "the first controller", ["control-plane"]],
    ["worker", "each worker", ["api", "pod-routes", "vxlan", "image-credentials", "worker-programs", "rbac"]],
    ["nodes", "the first controller", ["worker"]],
    ["coredns", "the first controller", ["worker"]],
    ["logs", "every machine", ["log-streams", "worker"]],
  ]);
});

test.each(STAGES)(
  "$name waits only for parts of the network and for stages before it, so there is no cycle (FT-49)",
  (stage) => {
    const before: string[] = STAGES.slice(0, STAGES.indexOf(stage)).map(({ name }) => name);

    expect([...before, "network", "api", "pod-routes", "log-streams"]).toEqual(
      expect.arrayContaining([...stage.waitsFor]),
    );
  },
);

test.each(STAGES)("$name reads no variable twice, and what may be empty is among what it reads (FT-51)", (stage) => {
  expect(new Set(stage.reads).size).toBe(stage.reads.length);
  expect(stage.reads).toEqual(expect.arrayContaining([...stage.mayBeEmpty]));
});

test("only sums that publishers keep beside a download, taints, the mirrors and what is not asked for may be empty (FT-51, F-10)", () => {
  expect(STAGES.flatMap(({ name, mayBeEmpty }) => mayBeEmpty.map((variable) => `${name} ${variable}`))).toEqual([
    "proxy PROXY_CA",
    "worker-programs PACKAGE_MIRROR",
    "etcd ETCD_SHA256",
    "etcd ETCD_ARGUMENTS",
    "image-credentials ECR_CREDENTIAL_PROVIDER_SHA256",
    "control-plane HEALTH_PROXY",
    "control-plane PACKAGE_MIRROR",
    "control-plane KUBE_APISERVER_ARGUMENTS",
    "control-plane KUBE_CONTROLLER_MANAGER_ARGUMENTS",
    "control-plane KUBE_SCHEDULER_ARGUMENTS",
    "worker NODE_TAINTS",
    "worker IMAGE_MIRROR",
    "worker PACKAGE_MIRROR",
    "worker KUBELET_ARGUMENTS",
    "worker KUBE_PROXY_ARGUMENTS",
    "worker KUBELET_CONFIGURATION",
    "worker CONTAINERD_CONFIGURATION",
    "logs OTELCOL_SHA256",
  ]);
});

test.each(STAGES)("$name has a sum for every file that it downloads (FT-42)", ({ reads }) => {
  const urls = reads.filter((name) => name.endsWith("_URL"));

  expect(reads.filter((name) => name.endsWith("_SHA256"))).toEqual(urls.map((name) => name.replace("_URL", "_SHA256")));
});

test.each(STAGES)("$name installs no file twice (FT-24)", ({ files }) => {
  expect(new Set(files).size).toBe(files.length);
});

test.each([
  ["ssh-host-key", []],
  ["proxy", []],
  ["control-plane-programs", []],
  ["worker-programs", []],
  ["etcd", ["etcd-key.pem"]],
  [
    "control-plane",
    [
      "ca-key.pem",
      "etcd-client-key.pem",
      "front-proxy-client-key.pem",
      "kube-apiserver-key.pem",
      "kubelet-client-key.pem",
      "service-account-key.pem",
    ],
  ],
  ["rbac", []],
  ["worker", ["kubelet-key.pem"]],
  ["nodes", []],
  ["coredns", []],
] as const)("%s gets the keys %j and no others (FT-21, FT-24)", (name, keys) => {
  expect(
    stageNamed(name)
      .files.filter((file) => file.endsWith("-key.pem"))
      .sort(),
  ).toEqual(keys);
});

test("only the first stage, which nothing can come before, trusts the key in user data (LD-14)", () => {
  expect(STAGES.filter(({ firstConnection }) => firstConnection).map(({ name }) => name)).toEqual(["ssh-host-key"]);
});

test("fails for a stage that the table does not have", () => {
  expect(() => stageNamed("upgrade" as "etcd")).toThrow("no stage 'upgrade'");
});

describe.each(STAGES)("scripts/$name/run.sh", (stage) => {
  const script = (): string => readFileSync(join(REPOSITORY, "scripts", stage.name, "run.sh"), "utf8");

  test("says that it reads what the table says (FT-51)", () => {
    expect(header(script(), "reads")).toEqual(stage.reads);
  });

  test("says that those may be empty that the table says (FT-51)", () => {
    expect(header(script(), "may be empty")).toEqual(stage.mayBeEmpty);
  });
});

describe.each(STAGES)("docs/stages.md on $name", (stage) => {
  test("has the table's row", () => {
    expect(rowOf(stage).slice(0, 4)).toEqual([
      `\`${stage.name}\``,
      stage.runsOn,
      stage.does,
      stage.waitsFor.map((what) => `\`${what}\``).join(" "),
    ]);
  });

  test("says when it runs again", () => {
    expect(rowOf(stage)[4]).toMatch(/^[a-z].{20,}/);
  });

  test("names what it reads, and what of it may be empty", () => {
    const names = stage.reads.map((name) => (stage.mayBeEmpty.includes(name) ? `${name}?` : name));

    expect(listOf(stage, "Reads")).toEqual(names);
  });

  test("names what it installs", () => {
    expect(listOf(stage, "Installs")).toEqual(stage.files);
  });
});

test("docs/stages.md has no stage that the table does not have", () => {
  const names = [...page.matchAll(/^### (.*)$/gm)].map(([, name]) => name);

  expect(names).toEqual([
    "ssh-host-key",
    "proxy",
    "control-plane-programs",
    "worker-programs",
    "etcd",
    "vxlan",
    "image-credentials",
    "control-plane",
    "rbac",
    "worker",
    "nodes",
    "coredns",
    "logs",
  ]);
});

/** The names in a header line such as `# reads: NODE_NAME NODE_IP`. */
function header(script: string, title: string): string[] {
  const line = new RegExp(`^# ${title}:(.*)$`, "m").exec(script);
  if (line === null) throw new Error(`the script has no header '# ${title}:'`);
  return line[1]!.split(" ").filter((name) => name !== "");
}

/** The cells of the stage's row. */
function rowOf({ name }: Stage): string[] {
  const row = page.split("\n").find((line) => line.startsWith(`| \`${name}\` |`)) ?? "";
  return row
    .slice(1, -1)
    .split("|")
    .map((cell) => cell.trim());
}

/** The names in code font after a title, in the stage's section. */
function listOf({ name }: Stage, title: string): string[] {
  const [, section] = new RegExp(`^### ${name}\n([^#]*)`, "m").exec(page) ?? [];
  const [, list] = new RegExp(`${title}: ([^#]*?)(?:\n\n|$)`).exec(section ?? "") ?? [];
  return [...(list ?? "").matchAll(/`([^`]+)`/g)].map(([, item]) => item!);
}
