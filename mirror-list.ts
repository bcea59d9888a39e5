import { parseArgs } from "node:util";
import {
  DEFAULT_KUBERNETES_VERSION,
  RELEASES,
  STAGES,
  mirrorList,
  nodePackages,
  publishedChecksums,
  releaseOf,
  type Architecture,
  type MirrorList,
} from "./constructs";

// npm run mirror-list -- [--version 1.36.3]… [--architecture amd64|arm64] [--json]
// Everything that nodes of these releases may fetch, whatever their cluster has chosen.

function list(): string {
  const { values } = parseArgs({
    options: {
      version: { type: "string", multiple: true, default: [DEFAULT_KUBERNETES_VERSION] },
      architecture: { type: "string", default: "amd64" },
      json: { type: "boolean", default: false },
    },
  });
  const architecture = known("architecture", values.architecture, ["amd64", "arm64"]) as Architecture;
  const versions = RELEASES.map(({ kubernetes }) => kubernetes);
  const releases = values.version.map((version) => releaseOf(known("version", version, versions)));
  const everything = mirrorList({
    runs: releases.flatMap((release) => STAGES.map(({ name }) => ({ stage: name, release }))),
    architecture,
    checksums: Object.assign(
      {},
      ...releases.map((release) => publishedChecksums(release, architecture)),
    ) as object as Record<string, string>,
    packages: nodePackages({ kubeProxyMode: "nftables", healthCheck: "nginx" }),
  });
  return values.json ? JSON.stringify(everything, undefined, 2) : table(everything);
}

function known(option: string, value: string, choices: readonly string[]): string {
  if (!choices.includes(value)) throw new Error(`--${option} ${value} must be one of ${choices.join(", ")}`);
  return value;
}

/** What it is, its version, where it is, and what vouches for it. */
function table({ files, images, packages }: MirrorList): string {
  const rows = [
    ["what", "version", "from", "checked against"],
    ...files.map(({ name, version, url, sha256, sums }) => [
      name,
      version,
      url,
      sha256 === "" ? sums : `sha256:${sha256}`,
    ]),
    ...images.map(({ image, version, digest }) => ["image", version, image, digest]),
    ...packages.map((name) => ["package", "", name, "Debian's signed index"]),
  ];
  const width = (column: number): number => Math.max(...rows.map((row) => row[column]!.length));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(width(column)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

try {
  process.stdout.write(`${list()}\n`);
} catch (error) {
  process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
