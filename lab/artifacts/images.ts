import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Release } from "../../constructs/facts/versions";
import { architecture } from "./architecture";
import type { Made, Result } from "./artifact";
import { obtain } from "./artifact";
import type { Log } from "./command";
import { command } from "./command";
import { suite, unpackPackages } from "./debian-archive";
import { goBuild, goSettings, goVersion } from "./go-build";
import { kubernetesModule } from "./kubernetes-module";
import type { ImageConfiguration, StoredImage } from "./oci-image";
import { nameImages, storeImage } from "./oci-image";
import { keyOf, workFolder } from "./record";
import type { LayerEntry } from "./tar-layer";
import { entriesOf } from "./tar-layer";
import { agnhost, agnhostBefore, release } from "./versions";

export interface Image {
  readonly repository: string;
  readonly version: string;
  /** More tags under which it is served. */
  readonly aliases?: readonly string[];
  /** How it differs from the image that its publisher serves under this name. */
  readonly difference: string;
  /** Whatever its layers are made of, besides the version. */
  readonly ingredients: readonly unknown[];
  readonly configuration: Omit<ImageConfiguration, "Labels">;
  readonly layers: (log: Log) => Promise<LayerEntry[][]>;
}

const corednsModule = join(__dirname, "coredns");
const agnhostPackage = "k8s.io/kubernetes/test/images/agnhost";

/** The shell and the tools that tests run inside of the test image, where the published one has Alpine's. */
const testTools = ["bash", "busybox", "curl", "netcat-openbsd", "bind9-dnsutils", "libc-bin"];

async function images(releases: readonly Release[]): Promise<readonly Image[]> {
  return [
    ...[...new Set(releases.map(({ pause }) => pause))].map((version) => ({
      repository: "pause",
      version,
      difference: "compiled here from the source in Kubernetes",
      ingredients: [release.kubernetes],
      configuration: { Entrypoint: ["/pause"], User: "65535:65535" },
      layers: (log: Log) => pauseLayers(version, log),
    })),
    {
      repository: "coredns/coredns",
      version: release.coredns,
      difference: "compiled here with the plugins of lab/artifacts/coredns/main.go only",
      ingredients: await Promise.all(
        ["main.go", "go.mod", "go.sum"].map((name) => readFile(join(corednsModule, name), "utf8")),
      ),
      configuration: { Entrypoint: ["/coredns"], User: "65532:65532", ExposedPorts: { "53/tcp": {}, "53/udp": {} } },
      layers: corednsLayers,
    },
    {
      repository: "e2e-test-images/agnhost",
      version: agnhost,
      aliases: agnhostBefore,
      difference: `compiled here, with tools of Debian ${suite} in place of Alpine's`,
      ingredients: [release.kubernetes, suite, testTools],
      configuration: {
        Entrypoint: ["/agnhost"],
        Cmd: ["pause"],
        ExposedPorts: Object.fromEntries([80, 5000, 8080, 8081, 9376].map((port) => [`${port}/tcp`, {}])),
      },
      layers: agnhostLayers,
    },
  ];
}

/** The images that nodes pull, in the store of the lab's registry. */
export async function prepareImages(releases: readonly Release[], log: Log): Promise<Result[]> {
  return obtainImages(await images(releases), log);
}

/** Makes what the registry's store lacks of these images, and names them. */
export async function obtainImages(images: readonly Image[], log: Log): Promise<Result[]> {
  const results: Result[] = [];
  const references: Record<string, string> = {};
  const compilers = [await goVersion(), goSettings];
  for (const image of images) {
    const { repository, version, configuration, ingredients, difference } = image;
    const result = await obtain(
      {
        name: `image ${repository}`,
        version,
        record: `image ${repository} ${version}`,
        keys: { built: keyOf(repository, version, architecture, configuration, ingredients, compilers, 2) },
        make: async (say): Promise<Made> => {
          const stored = await store(image, say);
          return { source: "built", standIn: difference, paths: stored.paths };
        },
      },
      log,
    );
    results.push(result);
    // The manifest is the second of the blobs that storeImage names.
    for (const tag of [version, ...(image.aliases ?? [])]) {
      references[`${repository}:${tag}`] = `sha256:${result.record.files[1]?.sha256 ?? ""}`;
    }
  }
  await nameImages(references);
  return results;
}

async function store(image: Image, log: Log): Promise<StoredImage> {
  const labels = {
    "org.opencontainers.image.title": image.repository,
    "org.opencontainers.image.version": image.version,
    "org.opencontainers.image.description": `Made for the lab: ${image.difference}`,
  };
  return storeImage(await image.layers(log), { ...image.configuration, Labels: labels });
}

export async function program(folder: string, name: string): Promise<LayerEntry & { kind: "file" }> {
  return { kind: "file", path: `/${name}`, mode: 0o755, content: await readFile(join(folder, name)) };
}

async function pauseLayers(version: string, log: Log): Promise<LayerEntry[][]> {
  const folder = await workFolder("pause");
  const { sources } = await kubernetesModule(release.kubernetes, [agnhostPackage]);
  const source = join(sources, "build", "pause", "linux", "pause.c");
  const flags = ["-Os", "-Wall", "-Werror", "-static", "-s", `-DVERSION=v${version}`];
  await command("gcc", [...flags, "-o", join(folder, "pause"), source], { log });
  return [[await program(folder, "pause")]];
}

async function corednsLayers(log: Log): Promise<LayerEntry[][]> {
  const pinned = `github.com/coredns/coredns v${release.coredns}`;
  if (!(await readFile(join(corednsModule, "go.mod"), "utf8")).includes(pinned)) {
    throw new Error(`lab/artifacts/coredns/go.mod does not require ${pinned}; run go get and go mod tidy there`);
  }
  const folder = await workFolder("coredns");
  await goBuild({ folder: corednsModule, packages: ["."], outputFolder: folder }, log);
  const coredns = { ...(await program(folder, "coredns")), capability: netBindService };
  return [[...userFiles(["nonroot:x:65532:65532:nonroot:/:/sbin/nologin"], ["nonroot:x:65532:"]), coredns]];
}

/** `setcap cap_net_bind_service=+ep` as the kernel stores it: CoreDNS is not root and listens on port 53. */
const netBindService = Buffer.from("0100000200040000000000000000000000000000", "hex");

let tools: Promise<LayerEntry[]> | undefined;

/** The layer under every image that tests run in: Debian's programs where the published images have Alpine's. */
export async function testToolsLayer(log: Log): Promise<LayerEntry[]> {
  tools ??= makeTestToolsLayer(log);
  return tools;
}

async function makeTestToolsLayer(log: Log): Promise<LayerEntry[]> {
  const tools = await workFolder("test-tools");
  await unpackPackages(testTools, tools, log);
  for (const unneeded of ["usr/share", "var", "etc"]) await rm(join(tools, unneeded), { recursive: true, force: true });
  await mkdir(join(tools, "uploads"));
  const applets = await command(join(tools, "bin", "busybox"), ["--list"]);
  const base = await entriesOf(tools);
  const taken = new Set(base.map(({ path }) => path.slice(path.lastIndexOf("/") + 1)));
  const links = applets.split("\n").flatMap((name): LayerEntry[] => {
    return taken.has(name) || name === "sh" || name === "nc"
      ? []
      : [{ kind: "link", path: `/bin/${name}`, target: "/bin/busybox" }];
  });
  // What Debian's alternatives would point to once the packages are configured, which they never are here.
  links.push({ kind: "link", path: "/bin/nc", target: "nc.openbsd" });
  // Debian's busybox shell drops variables whose names have dots or dashes, which tests set; bash keeps them.
  links.push({ kind: "link", path: "/bin/sh", target: "bash" });
  return [{ kind: "folder", path: "/tmp", mode: 0o1777 }, ...base, ...links];
}

export async function agnhostLayers(log: Log): Promise<LayerEntry[][]> {
  const folder = await workFolder("agnhost");
  const module = await kubernetesModule(release.kubernetes, [agnhostPackage]);
  const source = join(module.sources, "test", "images", "agnhost");
  const version = (await readFile(join(source, "VERSION"), "utf8")).trim();
  if (version !== agnhost) {
    throw new Error(`Kubernetes ${release.kubernetes} has agnhost ${version}, versions.ts says ${agnhost}`);
  }
  await goBuild({ folder: module.folder, packages: [agnhostPackage], outputFolder: folder }, log);
  const certificate = async (name: string): Promise<LayerEntry> => {
    return { kind: "file", path: `/${name}`, mode: 0o644, content: await readFile(join(source, "porter", name)) };
  };
  const users = userFiles(
    ["user-defined-in-image:x:1000:1000::/home/user-defined-in-image:/bin/sh"],
    ["user-defined-in-image:x:1000:", "group-defined-in-image:x:50000:user-defined-in-image"],
  );
  return [
    await testToolsLayer(log),
    [
      ...users,
      await certificate("localhost.crt"),
      await certificate("localhost.key"),
      await program(folder, "agnhost"),
      { kind: "link", path: "/agnhost-2", target: "agnhost" },
    ],
  ];
}

/** The users and groups of an image, root and nobody among them. */
export function userFiles(users: readonly string[], groups: readonly string[]): LayerEntry[] {
  const file = (path: string, lines: readonly string[]): LayerEntry => {
    return { kind: "file", path, mode: 0o644, content: Buffer.from(`${lines.join("\n")}\n`) };
  };
  return [
    file("/etc/passwd", ["root:x:0:0:root:/root:/bin/sh", "nobody:x:65534:65534:nobody:/:/sbin/nologin", ...users]),
    file("/etc/group", ["root:x:0:", "nobody:x:65534:", ...groups]),
  ];
}
