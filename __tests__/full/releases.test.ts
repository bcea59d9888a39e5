import { endOwnLab } from "../lab/own-lab";
import {
  apply,
  become,
  expected,
  hasAnEmptyPlan,
  isDestroyed,
  isReady,
  isWell,
  minutes,
  podOf,
  reachesController,
  running,
  startCluster,
  startOf,
} from "./releases-cluster";

// The oldest release, really applied, and changed into the next in place. In order, since each test begins where the one
// before it ended; upgrade.test.ts goes on with the next.
beforeAll(() => startCluster("default"), minutes(60));

afterAll(endOwnLab, minutes(2));

describe("Kubernetes 1.34.4", () => {
  test(
    "is applied until its node is Ready, and has an empty second plan (FT-42, FT-49)",
    async () => {
      become("1.34.4");
      await apply();

      isReady("1.34.4");
      await hasAnEmptyPlan();
    },
    minutes(15),
  );

  isWell("1.34.4");

  test("lets workers to no port of a controller that the table of rules does not name (FT-08, S1-07)", () => {
    expect([reachesController("a worker"), reachesController("outside")]).toEqual([false, false]);
  });

  test(
    "refuses to skip a minor version, in one sentence, and goes on as it is (F-02)",
    async () => {
      become("1.36.3");

      await expect(apply()).rejects.toThrow(
        /error: control-plane on controller-0: Kubernetes 1\.34\.4 cannot become 1\.36\.3: .* so set kubernetesVersion to a 1\.34 or a 1\.35$/,
      );
      expect(running()).toEqual(expected("1.34.4"));
    },
    minutes(5),
  );
});

describe("Kubernetes 1.35.4, out of 1.34.4 in place", () => {
  test(
    "comes with one apply, after which its node is Ready and its pods have run on (F-02, FT-49)",
    async () => {
      const pod = podOf("1.34.4");
      const before = startOf(pod);
      become("1.35.4");
      await apply();

      isReady("1.35.4");
      expect(startOf(pod)).toBe(before);
      await hasAnEmptyPlan();
    },
    minutes(10),
  );

  isWell("1.35.4");

  test("is destroyed (FT-59)", isDestroyed, minutes(5));
});
