/** The names that publishers give the processor of this machine. Debian, Go, OCI and Terraform agree on them. */
const names: Partial<Record<NodeJS.Architecture, string>> = { x64: "amd64", arm64: "arm64" };

export const architecture: string = (() => {
  const name = names[process.arch];
  if (!name) {
    throw new Error(
      `the lab has no artifacts for the processor ${process.arch}; it knows ${Object.keys(names).join(", ")}`,
    );
  }
  return name;
})();
