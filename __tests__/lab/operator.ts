/* eslint-disable @typescript-eslint/no-explicit-any -- the API's answers are read as they come */

import { spawnSync } from "node:child_process";
import { environment, operatorCommand, status } from "../../lab/lab";
import { AwsCalls } from "../support/aws-calls";

/** The AWS API of the lab, asked by its operator. */
export class Api {
  private constructor(private readonly calls: AwsCalls) {}

  static async open(): Promise<Api> {
    return new Api(await AwsCalls.open({ ...process.env, ...environment() }, operatorCommand));
  }

  async ask(service: string, call: string, parameters: object = {}): Promise<any> {
    return this.calls.outcome(service, call, parameters);
  }

  async ec2(call: string, parameters: object = {}): Promise<any> {
    return this.calls.answer("ec2", call, parameters);
  }

  async elb(call: string, parameters: object = {}): Promise<any> {
    return this.calls.answer("elbv2", call, parameters);
  }

  close(): Promise<void> {
    return this.calls.close();
  }
}

export interface Outcome {
  readonly code: number | null;
  readonly output: string;
}

export function operator(argv: readonly string[], input = ""): Outcome {
  const [program = "", ...args] = operatorCommand(argv);
  const done = spawnSync(program, args, { encoding: "utf8", input, timeout: 60_000 });
  return { code: done.status, output: `${done.stdout}${done.stderr}`.trim() };
}

/** Runs in a machine's network without using that network: for machines that cannot be reached. */
export function within(namespace: string, argv: readonly string[]): Outcome {
  const done = spawnSync("ip", ["netns", "exec", namespace, ...argv], { encoding: "utf8", timeout: 30_000 });
  return { code: done.status, output: `${done.stdout}${done.stderr}`.trim() };
}

export const pings = (namespace: string, address: string): boolean =>
  within(namespace, ["ping", "-c1", "-W1", address]).code === 0;

export async function eventually<T>(
  what: string,
  look: () => T | Promise<T>,
  holds: (seen: T) => boolean,
  seconds = 10,
): Promise<T> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const seen = await look();
    if (holds(seen)) return seen;
    if (Date.now() > end) throw new Error(`${what}: not within ${seconds} s; last seen ${JSON.stringify(seen)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export const becomes = <T>(what: string, look: () => T | Promise<T>, wanted: T, seconds?: number): Promise<T> =>
  eventually(what, look, (seen) => seen === wanted, seconds);

/** Waits until machines, networks and load balancers are gone, which the lab takes away after the API has let them go. */
export async function nothingIsLeft(): Promise<void> {
  await eventually(
    "machines, networks and load balancers to be gone",
    () => {
      const { machines, vpcs, loadBalancers } = status()!;
      return { machines, vpcs, loadBalancers };
    },
    (left) => Object.values(left).every((part) => Object.keys(part).length === 0),
    60,
  );
}
