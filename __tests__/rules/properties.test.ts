import fc from "fast-check";
import {
  EKS_RULES,
  EksCluster,
  HARD_WAY_RULES,
  HardWayCluster,
  HybridCluster,
  problemsOf,
  type HardWayClusterProps,
} from "../../constructs";
import { eksSettings } from "../../constructs/clusters/eks-props";
import { hardWaySettings } from "../../constructs/clusters/hard-way-defaults";
import { eksProps, hardWayProps, hybridProps } from "../support/random-clusters";
import { synth } from "../support/synth";

// Always the same ones, so that a failure is of the change that brings it; a seed of one's own looks at others.
const seed = Number(process.env["SEED"] ?? 7);
const few = { seed, numRuns: Number(process.env["RUNS"] ?? 5) };
const many = { seed, numRuns: 300 };
const hybridAsHardWay = hybridProps.map(({ network, ...rest }) => ({ ...rest, existingNetwork: network }));

test("no rule refuses a good cluster of our own machines, whatever it combines (FT-97)", () => {
  fc.assert(
    fc.property(fc.oneof(hardWayProps, hybridAsHardWay), (props: HardWayClusterProps) => {
      expect(problemsOf(HARD_WAY_RULES, hardWaySettings(props))).toEqual([]);
    }),
    many,
  );
}, 60_000);

test("no rule refuses a good cluster on EKS, whatever it combines (FT-97)", () => {
  fc.assert(
    fc.property(eksProps, (props) => {
      expect(problemsOf(EKS_RULES, eksSettings(props))).toEqual([]);
    }),
    many,
  );
}, 60_000);

test("each good cluster is made, and twice the same (FT-01, FT-97)", () => {
  const same = (build: () => string): void => expect(build()).toBe(build());
  fc.assert(
    fc.property(hardWayProps, (props) => same(() => synth((stack) => void new HardWayCluster(stack, "c", props)).json)),
    few,
  );
  fc.assert(
    fc.property(hybridProps, (props) => same(() => synth((stack) => void new HybridCluster(stack, "c", props)).json)),
    few,
  );
  fc.assert(
    fc.property(eksProps, (props) => same(() => synth((stack) => void new EksCluster(stack, "c", props)).json)),
    few,
  );
}, 120_000);
