/* eslint-disable @typescript-eslint/no-explicit-any -- the API's answers are read as they come */

import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";
import { pythonEnvironment } from "../../lab/artifacts/python-environment";
import { environment, operatorCommand, status } from "../../lab/lab";
import { join } from "node:path";

/** The AWS API, asked by one process that stays. */
export class Api {
  private readonly waiting: ((line: string) => void)[] = [];
  private constructor(private readonly process: ChildProcessWithoutNullStreams) {
    createInterface({ input: process.stdout }).on("line", (line) => this.waiting.shift()?.(line));
  }

  static async open(): Promise<Api> {
    const { python } = await pythonEnvironment(() => undefined);
    const [program = "", ...args] = operatorCommand([python, join(__dirname, "../../lab/aws/call.py")]);
    return new Api(spawn(program, args, { env: { ...process.env, ...environment() } }));
  }

  async ask(service: string, call: string, parameters: object = {}): Promise<any> {
    const line = await new Promise<string>((resolve) => {
      this.waiting.push(resolve);
      this.process.stdin.write(`${JSON.stringify([service, call, parameters])}\n`);
    });
    return JSON.parse(line);
  }

  async ec2(call: string, parameters: object = {}): Promise<any> {
    return this.answer("ec2", call, parameters);
  }

  async elb(call: string, parameters: object = {}): Promise<any> {
    return this.answer("elbv2", call, parameters);
  }

  private async answer(service: string, call: string, parameters: object): Promise<any> {
    const said = await this.ask(service, call, parameters);
    if (said.error) throw new Error(`${call}: ${said.error}: ${said.message}`);
    return said.answer;
  }

  close(): void {
    this.process.stdin.end();
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

export const becomes = (
  what: string,
  look: () => boolean | Promise<boolean>,
  wanted: boolean,
  seconds?: number,
): Promise<boolean> => eventually(what, look, (seen) => seen === wanted, seconds);

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
