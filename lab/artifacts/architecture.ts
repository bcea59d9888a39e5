import type { Architecture } from "../../constructs/facts/release-files";

/** The names that publishers give the processor of this machine. Debian, Go, OCI and Terraform agree on them. */
const names: Partial<Record<NodeJS.Architecture, Architecture>> = { x64: "amd64", arm64: "arm64" };

export const architecture: Architecture = (() => {
  const name = names[process.arch];
  if (!name) {
    throw new Error(
      `the lab has no artifacts for the processor ${process.arch}; it knows ${Object.keys(names).join(", ")}`,
    );
  }
  return name;
})();
