import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DEFAULT_KUBERNETES_VERSION, RELEASES, releaseOf } from "../../constructs/facts/versions";

/** What each release installs itself; source: cmd/kubeadm/app/constants/constants.go of k8s.io/kubernetes at its tag. */
const KUBEADM: Readonly<Record<string, { readonly etcd: string; readonly coredns: string; readonly pause: string }>> = {
  "1.34.4": { etcd: "3.6.5", coredns: "1.12.1", pause: "3.10.1" },
  "1.35.4": { etcd: "3.6.6", coredns: "1.13.1", pause: "3.10.1" },
  "1.36.3": { etcd: "3.6.8", coredns: "1.14.2", pause: "3.10.2" },
};
const page = readFileSync(join(__dirname, "../../docs/releases.md"), "utf8");

/** Sorts like the version does. */
const padded = (version: string): string => version.replaceAll(/\d+/g, (number) => number.padStart(4, "0"));

test("a release names everything else on a node with it (FT-42)", () => {
  expect(releaseOf("1.36.3")).toEqual({
    kubernetes: "1.36.3",
    etcd: "3.6.16",
    containerd: "2.3.4",
    runc: "1.4.3",
    cniPlugins: "1.9.1",
    coredns: "1.14.7",
    pause: "3.10.2",
    ecrCredentialProvider: "1.37.0",
    otelcol: "0.155.0",
  });
});

test("the releases are of three minor versions in a row, oldest first", () => {
  expect(RELEASES.map(({ kubernetes }) => kubernetes)).toEqual(["1.34.4", "1.35.4", "1.36.3"]);
});

test("the default is the newest release of the table", () => {
  expect(DEFAULT_KUBERNETES_VERSION).toBe(RELEASES.at(-1)!.kubernetes);
});

test.each(RELEASES.flatMap((release) => Object.entries(release)))("%s %s is an exact version", (_, version) => {
  expect(version).toMatch(/^\d+\.\d+(\.\d+)?$/);
});

describe.each(RELEASES)("beside Kubernetes $kubernetes", (release) => {
  const own = KUBEADM[release.kubernetes]!;

  test("the pause image is the release's own", () => {
    expect(release.pause).toBe(own.pause);
  });

  test("etcd is of the minor version that the release is made for, and no older patch", () => {
    expect(release.etcd.split(".").slice(0, 2)).toEqual(own.etcd.split(".").slice(0, 2));
    expect(padded(release.etcd) >= padded(own.etcd)).toBe(true);
  });

  test("CoreDNS is no older than the release's own", () => {
    expect(padded(release.coredns) >= padded(own.coredns)).toBe(true);
  });

  test("docs/releases.md says what is installed, and what kubeadm would", () => {
    const { kubernetes, etcd, containerd, runc, cniPlugins, coredns, pause } = release;
    const cells = [
      kubernetes,
      `${etcd} (${own.etcd})`,
      containerd,
      runc,
      cniPlugins,
      `${coredns} (${own.coredns})`,
      `${pause} (${own.pause})`,
    ];

    expect(page).toContain(`\n| ${cells.join(" | ")} |\n`);
  });
});

test("docs/releases.md has no release that the table does not have", () => {
  const rows = [...page.matchAll(/^\| (\d+\.\d+\.\d+) \|/gm)].map(([, version]) => version);

  expect(rows).toEqual(RELEASES.map(({ kubernetes }) => kubernetes));
});

test("rejects a version whose kubelets lost mounts, as it does any that is not tested (F-01)", () => {
  expect(() => releaseOf("1.9.0")).toThrow("kubernetesVersion 1.9.0 is not one of 1.34.4, 1.35.4, 1.36.3");
});
