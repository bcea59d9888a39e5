import { DEFAULT_KUBERNETES_VERSION, RELEASES, releaseOf } from "../../constructs/facts/versions";

test("a release names everything else on a node with it (FT-42)", () => {
  expect(releaseOf("1.36.3")).toEqual({
    kubernetes: "1.36.3",
    etcd: "3.6.16",
    containerd: "2.3.4",
    runc: "1.4.3",
    cniPlugins: "1.9.1",
    coredns: "1.14.7",
    pause: "3.10.2",
  });
});

test("the default is a release of the table", () => {
  expect(DEFAULT_KUBERNETES_VERSION).toBe("1.36.3");
});

test("no version stands twice in the table", () => {
  const versions = RELEASES.map((release) => release.kubernetes);

  expect(new Set(versions).size).toBe(versions.length);
});

test.each(RELEASES.flatMap((release) => Object.entries(release)))("%s %s is an exact version", (_, version) => {
  expect(version).toMatch(/^\d+\.\d+(\.\d+)?$/);
});

test("rejects a version whose kubelets lost mounts, as it does any that is not tested (F-01)", () => {
  expect(() => releaseOf("1.9.0")).toThrow("kubernetesVersion 1.9.0 is not one of 1.36.3");
});
