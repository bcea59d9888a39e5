import { mayServe } from "../../constructs/facts/version-skew";

test.each([
  ["1.36.3", "1.36.3"],
  ["1.36.3", "1.35.4"],
  ["1.36.3", "1.33.13"],
  ["1.36.0", "1.36.3"],
  ["1.10.0", "1.9.0"],
])("an API server of %s serves kubelets of %s (F-02)", (controlPlane, worker) => {
  expect(mayServe(controlPlane, worker)).toBe(true);
});

test.each([
  ["1.35.4", "1.36.3"],
  ["1.36.3", "1.32.13"],
  ["1.9.0", "1.10.0"],
  ["2.0.0", "1.36.3"],
  ["1.36.3", "2.0.0"],
])("an API server of %s does not serve kubelets of %s (F-02)", (controlPlane, worker) => {
  expect(mayServe(controlPlane, worker)).toBe(false);
});
