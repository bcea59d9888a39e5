import { cannotPass } from "../../lab/conformance/cannot-pass";
import type { Outcome } from "../../lab/conformance/report";
import { conformance } from "../lab/conforms";
import { apply, artifacts, cluster, minutes, startCluster, terraform } from "../lab/hard-way-cluster";
import { endOwnLab } from "../lab/own-lab";

let outcomes: readonly Outcome[];

beforeAll(async () => {
  await startCluster();
  await apply();
  await cluster.saveAccess(terraform, artifacts);
  outcomes = await conformance({ timeoutMinutes: 60 });
}, minutes(120));

afterAll(endOwnLab, minutes(2));

test("passes every conformance spec of upstream that may run beside others", () => {
  expect(outcomes.filter(({ passed }) => !passed)).toEqual([]);
});

// Kubernetes 1.36.3 has 446, of which 29 want the cluster for themselves.
test("leaves none of them out but those that are listed with a reason", () => {
  expect(outcomes).toHaveLength(417 - cannotPass.length);
});
