import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { TerraformOutput, TerraformVariable, Token } from "cdktf";
import { HardWayCluster, nodePackages, type MirrorList } from "../../constructs";
import { env, SMALL, stages, type StageOnMachine } from "../support/hard-way";
import { synth, type Synthesised } from "../support/synth";

const REPOSITORY = join(__dirname, "..", "..");
const MIXED = {
  ...SMALL,
  kubernetesVersion: "1.36.3",
  workerPools: { old: { count: 1, firstHost: 60, kubernetesVersion: "1.35.4" } },
};
const listed = (build: (stack: Parameters<Parameters<typeof synth>[0]>[0]) => HardWayCluster) => {
  let list: MirrorList | undefined;
  const stack = synth((scope) => void (list = build(scope).mirrorList));
  return { stack, list: list! };
};
const mixed = listed((stack) => new HardWayCluster(stack, "cluster", MIXED));
const command = async (...args: string[]): Promise<string> => {
  const { stdout } = await promisify(execFile)(process.execPath, [
    join(REPOSITORY, "node_modules", "tsx", "dist", "cli.mjs"),
    join(REPOSITORY, "mirror-list.ts"),
    ...args,
  ]);
  return stdout;
};

/** Every value of a variable with such an end, in every stage of a stack. */
const valuesOf = (stack: Synthesised, end: string): string[] => [
  ...new Set(
    Object.keys(stages(stack)).flatMap((name) =>
      Object.entries(env(stack, name as StageOnMachine))
        .filter(([variable]) => variable.endsWith(end))
        .map(([, value]) => value),
    ),
  ),
];

test("has every file that a stage is told to download, of each release, and no other (FT-87, F-29)", () => {
  expect(mixed.list.files.map(({ url }) => url).sort()).toEqual(valuesOf(mixed.stack, "_URL").sort());
  const kubelets = mixed.list.files.filter(({ name }) => name === "kubelet");
  expect(kubelets.map(({ version }) => version)).toEqual(["1.36.3", "1.35.4"]);
  expect(mixed.list.files.filter(({ name }) => name === "kube-apiserver").map(({ version }) => version)).toEqual([
    "1.36.3",
  ]);
});

test("has the sum that nodes check each file against, or the file of sums that they read (FT-87, FT-33)", () => {
  const checked = mixed.list.files.filter(({ name }) => name !== "etcd");

  expect(checked.map(({ sha256 }) => sha256).sort()).toEqual(valuesOf(mixed.stack, "_SHA256").filter(Boolean).sort());
  expect(checked.map(({ sums }) => sums)).toEqual(checked.map(() => ""));
  expect(mixed.list.files.find(({ name }) => name === "etcd")).toMatchObject({
    sha256: "",
    sums: "https://github.com/etcd-io/etcd/releases/download/v3.6.16/SHA256SUMS",
  });
});

test("has every image that a stage names, each release's own pause, with their digests (FT-87, F-29)", () => {
  expect(mixed.list.images.map(({ image }) => image).sort()).toEqual(valuesOf(mixed.stack, "_IMAGE").sort());
  for (const { digest } of mixed.list.images) expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
});

test("has the packages that the scripts install, by the choices of a cluster (FT-87, F-29)", () => {
  const script = (...path: string[]): string => readFileSync(join(REPOSITORY, "scripts", ...path), "utf8");
  const library = script("lib", "packages.sh");
  const [, always] = /^ {2}local wanted=\((.*)\)$/m.exec(library)!;
  const [, nftables] = /!= nftables .*wanted\+=\((.*)\)$/m.exec(library)!;
  const [, health] = /packages "\$PACKAGE_MIRROR" (.*)$/m.exec(script("control-plane", "steps", "health-proxy.sh"))!;

  expect(mixed.list.packages).toEqual(always!.split(" "));
  expect(nodePackages({ kubeProxyMode: "nftables", healthCheck: "nginx" })).toEqual([
    ...always!.split(" "),
    nftables,
    health,
  ]);
});

test("sums that only Terraform knows are looked up when it does, and the publisher's file is named beside them (FT-87)", () => {
  const { stack } = listed((scope) => {
    const checksums = Token.asStringMap(new TerraformVariable(scope, "checksums", { type: "map(string)" }).value);
    const cluster = new HardWayCluster(scope, "cluster", { ...SMALL, mirrors: { checksums } });
    new TerraformOutput(scope, "mirror_list", { value: cluster.mirrorList });
    return cluster;
  });
  const { output } = JSON.parse(stack.json) as { output: { mirror_list: { value: MirrorList } } };
  const etcd = output.mirror_list.value.files.find(({ name }) => name === "etcd")!;

  expect(etcd.sha256).toMatch(/^\$\{try\(var\.checksums\["github\.com\/etcd-io\//);
  expect(etcd.sums).toMatch(/SHA256SUMS$/);
});

describe("npm run mirror-list", () => {
  test("prints all that nodes may fetch as JSON, for a version and an architecture (FT-87)", async () => {
    const list = JSON.parse(await command("--version", "1.35.4", "--architecture", "arm64", "--json")) as MirrorList;

    expect(list.files.map(({ url }) => url)).toContain("https://dl.k8s.io/release/v1.35.4/bin/linux/arm64/kubelet");
    expect(list.files.filter(({ sha256, sums }) => sha256 === "" && sums === "")).toEqual([]);
    expect(list.images.map(({ image }) => image)).toContain("registry.k8s.io/pause:3.10.1");
    expect(list.packages).toEqual(expect.arrayContaining(["conntrack", "nginx", "nftables"]));
  }, 60_000);

  test("prints a table without options (FT-87)", async () => {
    const table = await command();

    expect(table).toMatch(/^what +version +from +checked against\n/);
    expect(table).toMatch(/^kubelet +1\.36\.3 +https:\/\/dl\.k8s\.io\/\S+ +sha256:[0-9a-f]{64}$/m);
    expect(table).toMatch(/^image +3\.10\.2 +registry\.k8s\.io\/pause:3\.10\.2 +sha256:[0-9a-f]{64}$/m);
  }, 60_000);

  test("refuses a version that it does not know (FT-87)", async () => {
    await expect(command("--version", "1.2.3")).rejects.toThrow(/--version 1\.2\.3 must be one of 1\.34\.4, 1\.35\.4/);
  }, 60_000);
});
