import { release } from "../../../lab/artifacts/versions";
import { kubectl, minutes, on, told } from "../hard-way-cluster";
import { becomes, eventually } from "../operator";
import { UNITS } from "../versions";

/** Programs that stop or are killed: another takes over, or systemd starts them anew. */
export function livesOn(): void {
  describe("a program that ends is replaced", () => {
    test.each(["kube-controller-manager", "kube-scheduler"])(
      "another controller leads when the %s that does is stopped, and a Deployment gets its pod (FT-35, FT-36, S1-67)",
      async (program) => {
        const leader = (): string =>
          kubectl("get", "lease", program, "-n", "kube-system", "-o", "jsonpath={.spec.holderIdentity}").replace(
            /_.*/,
            "",
          );
        // One that stops gives its lease back, so that for a moment nobody has it.
        const first = await eventually("a leader", leader, (seen) => seen !== "", 120);
        expect(first).toMatch(/^controller-[012]$/);

        told(first, `sudo systemctl stop ${program}`);
        try {
          const next = await eventually("another leader", leader, (seen) => seen !== first && seen !== "", 120);
          expect(next).toMatch(/^controller-[012]$/);
          // It takes a controller manager to make the pod, and a scheduler to find its node.
          kubectl("create", "deployment", "led", `--image=registry.k8s.io/pause:${release.pause}`);
          kubectl("rollout", "status", "deployment/led", "--timeout=120s");
        } finally {
          told(first, `sudo systemctl start ${program}`);
          kubectl("delete", "deployment", "led", "--ignore-not-found");
        }
      },
      minutes(6),
    );

    test.each([
      ["controller-1", UNITS.controller, "sudo bash scripts/verify/health.sh && sudo bash scripts/verify/etcd.sh"],
      ["worker-2", UNITS.worker, "curl -sf http://127.0.0.1:10248/healthz && curl -sf http://127.0.0.1:10249/healthz"],
    ])(
      "on %s every program that is killed runs again by itself, as another process (S1-35, FT-30, FT-34, FT-45)",
      async (machine, units, isWell) => {
        const processes = (): string[] =>
          told(machine, `systemctl show -p MainPID -p ActiveState ${units.join(" ")}`)
            .split("\n\n")
            .map((said) => {
              const [, process = "0"] = /^MainPID=(\d+)$/m.exec(said) ?? [];
              return said.includes("ActiveState=active") ? process : "0";
            });
        const before = processes();
        expect(before).not.toContain("0");

        told(machine, `sudo kill -9 ${before.join(" ")}`);

        await eventually(
          `${units.join(", ")} to run again`,
          processes,
          (seen) => seen.every((process, index) => process !== "0" && process !== before[index]),
          120,
        );
        await becomes("all to be well", () => on(machine, isWell).status === 0, true, 120);
      },
      minutes(6),
    );
  });
}
