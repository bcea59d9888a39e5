import { endOwnLab } from "../lab/own-lab";
import {
  apply,
  become,
  expected,
  hasAnEmptyPlan,
  isDestroyed,
  isReady,
  isWell,
  kubectl,
  minutes,
  on,
  podOf,
  reachesController,
  running,
  stageOfWorker,
  startCluster,
  startOf,
} from "./releases-cluster";

// The newest release but one, really applied, and changed into the newest: first the control plane, in another apply the
// worker, which was drained. In order, since each test begins where the one before it ended.
beforeAll(() => startCluster("open"), minutes(60));

afterAll(endOwnLab, minutes(2));

describe("Kubernetes 1.35.4, with everything open inside of the network", () => {
  test(
    "is applied until its node is Ready, and has an empty second plan (FT-42, FT-49)",
    async () => {
      become("1.35.4");
      await apply();

      isReady("1.35.4");
      await hasAnEmptyPlan();
    },
    minutes(15),
  );

  isWell("1.35.4");

  test("lets workers to every port of a controller, and nobody from outside (FT-08, S1-07)", () => {
    expect([reachesController("a worker"), reachesController("outside")]).toEqual([true, false]);
  });
});

describe("Kubernetes 1.36.3 with a worker of 1.35.4", () => {
  test(
    "comes with another control plane: the worker and its pods run on (F-02)",
    async () => {
      const pod = podOf("1.35.4");
      const [before, kubelet] = [startOf(pod), on("worker-0", "systemctl show -p MainPID kubelet")];
      become("1.36.3", "1.35.4");
      await apply();

      expect(on("worker-0", "systemctl show -p MainPID kubelet")).toBe(kubelet);
      expect(startOf(pod)).toBe(before);
      await hasAnEmptyPlan();
    },
    minutes(10),
  );

  test("kept the API from answering for seconds, not for the minute that its watches would have taken (FT-34, FT-49)", () => {
    const at = (moment: string): number =>
      Number(on("controller-0", `systemctl show -p ${moment}TimestampMonotonic --value kube-apiserver`)) / 1e6;

    expect(at("ActiveExit")).toBeGreaterThan(0);
    expect(at("ActiveEnter") - at("ActiveExit")).toBeGreaterThan(0);
    expect(at("ActiveEnter") - at("ActiveExit")).toBeLessThan(40);
  });

  isWell("1.36.3", "1.35.4");
});

describe("Kubernetes 1.36.3 on every machine", () => {
  test(
    "comes with a worker that is drained and then changed alone (F-02)",
    async () => {
      kubectl("drain worker-0 --ignore-daemonsets --delete-emptydir-data --force --timeout=120s");
      become("1.36.3");
      await apply(`-target=${stageOfWorker()}`);
      kubectl("uncordon worker-0");

      isReady("1.36.3");
      await hasAnEmptyPlan();
    },
    minutes(10),
  );

  isWell("1.36.3");

  test(
    "refuses to go back, in one sentence, and goes on as it is (F-02)",
    async () => {
      become("1.35.4");

      await expect(apply()).rejects.toThrow(
        /error: control-plane on controller-0: Kubernetes 1\.36\.3 cannot become 1\.35\.4: .* so set kubernetesVersion to a 1\.36 or a 1\.37$/,
      );
      expect(running()).toEqual(expected("1.36.3"));
    },
    minutes(5),
  );

  test("is destroyed (FT-59)", isDestroyed, minutes(5));
});
