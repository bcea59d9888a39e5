import { cannotPass } from "../../lab/conformance/cannot-pass";
import { focusOf, outcomes } from "../../lab/conformance/report";
import { selection } from "../../lab/conformance/selection";

const spec = (name: string, state: string, message?: string, type = "It"): object => ({
  ContainerHierarchyTexts: type === "It" ? ["[sig-network] DNS"] : null,
  LeafNodeText: name,
  LeafNodeType: type,
  State: state,
  RunTime: 2_500_000_000,
  ...(message === undefined ? {} : { Failure: { Message: message } }),
});
const read = (...specs: object[]): object[] => outcomes(JSON.stringify([{ SpecReports: specs }]));

test("reads what passed and how long it took", () => {
  expect(read(spec("should work [Conformance]", "passed"))).toEqual([
    { name: "[sig-network] DNS should work [Conformance]", passed: true, seconds: 2.5, message: "" },
  ]);
});

test.each(["failed", "panicked", "interrupted", "timedout", "aborted"])("calls a spec that %s failed", (state) => {
  expect(read(spec("a", state, "timed out waiting"))).toMatchObject([
    { passed: false, message: `${state}: timed out waiting` },
  ]);
});

test("calls a spec failed that skips itself, for it proves nothing", () => {
  expect(read(spec("a", "skipped", "needs 3 nodes"))).toMatchObject([
    { passed: false, message: "skipped: needs 3 nodes" },
  ]);
});

test("leaves out what was not asked for", () => {
  expect(read(spec("a", "skipped"), spec("b", "pending"))).toEqual([]);
});

test("tells of what runs around the specs only when it fails", () => {
  expect(
    read(
      spec("", "passed", undefined, "SynchronizedBeforeSuite"),
      spec("", "failed", "no node is ready", "SynchronizedBeforeSuite"),
    ),
  ).toMatchObject([{ name: "SynchronizedBeforeSuite", passed: false, message: "failed: no node is ready" }]);
});

test("finds exactly the specs that are named, whatever stands in their names", () => {
  const name = "[sig-node] Probing should *not* be restarted (root,0644) a.b/c [Conformance]";
  const [pattern = ""] = focusOf([name]);

  expect(`Kubernetes e2e suite ${name}`).toMatch(new RegExp(pattern));
  expect(`${name} more`).not.toMatch(new RegExp(pattern));
  expect(name.replace("a.b", "axb")).not.toMatch(new RegExp(pattern));
});

test("selects no spec twice, and none that cannot pass", () => {
  const names = Object.values(selection).flat();

  expect(new Set(names).size).toBe(names.length);
  expect(names.filter((name) => cannotPass.some((spec) => spec.name === name))).toEqual([]);
});
