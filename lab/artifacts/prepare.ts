import { DEFAULT_KUBERNETES_VERSION, RELEASES } from "../../constructs/facts/versions";
import type { Row } from "./artifact";
import type { Log } from "./command";
import { debianFolder, debianPackages } from "./debian-packages";
import { prepareImages } from "./images";
import { imagesFolder } from "./oci-image";
import { pythonEnvironment } from "./python-environment";
import { sweepWork } from "./record";
import { authenticatorProgram, mirrorFolder, releaseFiles, type Extra } from "./release-files";
import { squid } from "./squid";
import { systemPackages } from "./system-packages";
import { terraformProviders } from "./terraform-providers";

/** Everything that the lab needs before its first machine boots. */
export interface Artifacts {
  /** Release files by their publishers' URLs. */
  readonly mirrorFolder: string;
  readonly imagesFolder: string;
  readonly debianFolder: string;
  /** URL without its scheme → sha256 of what the mirror serves for it; the variable `checksums` of the stacks. */
  readonly checksums: Readonly<Record<string, string>>;
  /** Of the newest Kubernetes version that was asked for. */
  readonly kubectl: string;
  /** aws-iam-authenticator, which makes the tokens of EKS too. */
  readonly authenticator: string;
  /** The file for TF_CLI_CONFIG_FILE. */
  readonly terraformCliConfig: string;
  readonly terraformProviders: readonly { name: string; version: string; source: string }[];
  /** The interpreter that runs the AWS API. */
  readonly python: string;
}

export interface Prepared {
  readonly artifacts: Artifacts;
  readonly rows: readonly Row[];
}

export interface PrepareOptions {
  readonly log: Log;
  /** Each takes minutes to build the first time. @default - the one that stacks take by default, alone */
  readonly kubernetesVersions?: readonly string[];
  /** What few clusters ask for. @default - none */
  readonly extras?: readonly Extra[];
}

/** Makes what the cache lacks; with a full cache this takes a second. */
export async function prepare(options: PrepareOptions): Promise<Artifacts> {
  return (await prepareWithRows(options)).artifacts;
}

async function prepareWithRows({
  log,
  kubernetesVersions = [DEFAULT_KUBERNETES_VERSION],
  extras = [],
}: PrepareOptions): Promise<Prepared> {
  const unknown = kubernetesVersions.filter((version) => !RELEASES.some(({ kubernetes }) => kubernetes === version));
  if (unknown.length > 0)
    throw new Error(`no release ${unknown.join(", ")}; there are ${RELEASES.map((r) => r.kubernetes).join(", ")}`);
  // Oldest first, as the table has them.
  const served = RELEASES.filter(({ kubernetes }) => kubernetesVersions.includes(kubernetes));
  await sweepWork();
  const system = await systemPackages(log);
  // Downloads and compilers take turns on different parts of the machine; Go builds queue among themselves.
  const [python, debian, compiled] = await together([
    pythonEnvironment(log),
    // Both ask the same archive.
    debianPackages(log).then(async (debian) => [debian, await squid(log)]),
    (async () => {
      const providers = await terraformProviders(log);
      const releases = await releaseFiles(served, log, extras);
      return { providers, releases, images: await prepareImages(served, log) };
    })(),
  ]);
  await sweepWork();
  const { providers, releases, images } = compiled;
  const results = [python, ...debian, ...providers.results, ...releases.results, ...images];
  return {
    rows: [system, ...results.map(({ row }) => row)],
    artifacts: {
      mirrorFolder,
      imagesFolder,
      debianFolder,
      checksums: releases.checksums,
      kubectl: releases.kubectl,
      authenticator: authenticatorProgram,
      terraformCliConfig: providers.configurationFile,
      terraformProviders: providers.providers,
      python: python.python,
    },
  };
}

/** Waits for all even when one fails, so that nothing goes on working after the error was reported. */
async function together<A, B, C>(work: [Promise<A>, Promise<B>, Promise<C>]): Promise<[A, B, C]> {
  await Promise.allSettled(work);
  return Promise.all(work);
}

function table(rows: readonly Row[]): string {
  const cells = [
    ["artifact", "version", "source", "seconds", ""],
    ...rows.map(({ name, version, source, seconds, note }) => [name, version, source, seconds.toFixed(1), note]),
  ];
  const width = (column: number): number => Math.max(...cells.map((row) => (row[column] ?? "").length));
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(width(column)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

if (require.main === module) {
  // Ends by the way of `exit`, where the commands that still run are ended too.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(1));
  const asked = process.argv.slice(2);
  prepareWithRows({
    log: (line) => process.stderr.write(`${line}\n`),
    ...(asked.length === 0 ? {} : { kubernetesVersions: asked }),
  }).then(
    ({ rows }) => process.stdout.write(`${table(rows)}\n`),
    (error: Error) => {
      process.stderr.write(`error: ${error.message}\n`);
      process.exitCode = 1;
    },
  );
}
