import { instanceTypes, nearTypes } from "../../constructs/facts/instance-types";
import { kubeReserved, maxPods } from "../../constructs/facts/max-pods";

const type = (name: string) => instanceTypes().get(name)!;

test("knows every current type, each with a network and a size (FT-80)", () => {
  const poor = [...instanceTypes().values()].filter(
    ({ vcpus, memoryMiB, networkInterfaces, addressesPerInterface }) =>
      !(vcpus >= 1 && memoryMiB >= 512 && networkInterfaces >= 1 && addressesPerInterface >= 2),
  );

  expect(instanceTypes().size).toBeGreaterThan(1380);
  expect(poor).toEqual([]);
});

// Source: the max_pods.map of the eksctl user data, eni-max-pods.txt, and nodeadm's own tests.
test.each([
  ["m5.24xlarge", 737],
  ["g4dn.4xlarge", 29],
  ["i3.xlarge", 58],
  ["t2.nano", 4],
  ["c3.xlarge", 58],
  ["c5.large", 29],
  ["t3.medium", 17],
  ["t2.medium", 17],
  ["t3.micro", 4],
  ["m7g.medium", 8],
  ["p4d.24xlarge", 737],
  ["p5.48xlarge", 100],
])("a node of %s has addresses for %i pods (FT-80, S2-56)", (name, pods) => {
  expect(maxPods(type(name))).toBe(pods);
});

test.each([
  ["m5.large", { prefixDelegation: true }, 110],
  ["t3.small", { prefixDelegation: true }, 110],
  ["m5.24xlarge", { prefixDelegation: true }, 250],
  ["t3.nano", { prefixDelegation: true }, 34],
  ["t2.medium", { prefixDelegation: true }, 17],
  ["m4.large", { customNetworking: true, prefixDelegation: true }, 11],
  ["m5.large", { customNetworking: true }, 20],
  // nodeadm's own, test/e2e/cases/custom-max-pods-expression.
  ["m5.xlarge", { customNetworking: true }, 44],
  ["t3.small", { customNetworking: true, prefixDelegation: true }, 98],
])("a node of %s with %j has addresses for %i pods (FT-80)", (name, addresses, pods) => {
  expect(maxPods(type(name), addresses)).toBe(pods);
});

test.each([
  [1, "60m"],
  [2, "70m"],
  [4, "80m"],
  [8, "90m"],
  [16, "110m"],
  [64, "230m"],
  [96, "310m"],
])("of %i vCPUs the kubelet keeps %s (FT-80)", (vcpus, cpu) => {
  expect(kubeReserved(vcpus, 110).cpu).toBe(cpu);
});

test.each([
  [29, "574Mi"],
  [44, "739Mi"],
  [110, "1465Mi"],
])("for %i pods the kubelet keeps %s of memory (FT-80)", (pods, memory) => {
  expect(kubeReserved(2, pods).memory).toBe(memory);
});

test.each([
  ["t3.mediun", "t3.medium"],
  ["m5large", "m5.large"],
  ["m5.lagre", "m5.large"],
])("for %s it thinks of %s (FT-80)", (wrong, right) => {
  expect(nearTypes(wrong)).toContain(right);
});
