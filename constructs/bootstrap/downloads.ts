import { Fn, Token } from "cdktf";
import { isKnown } from "../core/known";
import { releasePath, type Architecture, type ReleaseFile } from "../facts/release-files";
import type { Release } from "../facts/versions";
import type { NodeEnv } from "./node-env";

export interface DownloadsProps {
  readonly release: Release;
  readonly architecture: Architecture;
  /** Where files come from instead of their publishers: `https://HOST/PATH` becomes `MIRROR/HOST/PATH`. Empty: the publishers. */
  readonly mirror: string;
  /** sha256 by URL without its scheme. */
  readonly checksums: Readonly<Record<string, string>>;
}

type Variable = { [Name in keyof NodeEnv]: Name extends `${infer File}_URL` ? File : never }[keyof NodeEnv];

/** By the variable that has its URL, without the `_URL`. */
export const FILES: Readonly<Record<Variable, ReleaseFile>> = {
  ETCD: "etcd",
  KUBE_APISERVER: "kube-apiserver",
  KUBE_CONTROLLER_MANAGER: "kube-controller-manager",
  KUBE_SCHEDULER: "kube-scheduler",
  KUBECTL: "kubectl",
  KUBELET: "kubelet",
  KUBE_PROXY: "kube-proxy",
  CONTAINERD: "containerd",
  RUNC: "runc",
  CNI_PLUGINS: "cni-plugins",
  ECR_CREDENTIAL_PROVIDER: "ecr-credential-provider",
  OTELCOL: "otelcol-contrib",
};

/** URL and sha256 of every file a node may fetch, as variables of `node.env`. An unknown sum is empty; the scripts say what then. */
export function downloads(props: DownloadsProps): Partial<NodeEnv> {
  const { release, architecture, mirror, checksums } = props;
  const base = baseUrl(mirror);
  return Object.fromEntries(
    Object.entries(FILES).flatMap(([variable, file]) => {
      const path = releasePath(file, release, architecture);
      return [
        [`${variable}_URL`, `${base}/${path}`],
        [`${variable}_SHA256`, checksum(checksums, path)],
      ];
    }),
  );
}

/** The sum of a file by its URL without scheme; empty where there is none. */
export function checksum(checksums: Readonly<Record<string, string>>, path: string): string {
  return isKnown(checksums) ? (checksums[path] ?? "") : Token.asString(Fn.try([Fn.lookup(checksums, path), ""]));
}

/** What stands before `/HOST/PATH`: the mirror, or the publishers' scheme. */
function baseUrl(mirror: string): string {
  if (!isKnown(mirror)) return Token.asString(Fn.coalesce([Fn.trimsuffix(mirror, "/"), "https:/"]));
  return mirror === "" ? "https:/" : mirror.replace(/\/$/, "");
}
