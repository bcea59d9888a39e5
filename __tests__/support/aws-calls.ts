import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pythonEnvironment } from "../../lab/artifacts/python-environment";
import type { AwsApi } from "./aws-api";
import type { Block } from "./resources";

/** One call of the AWS API as boto3 names it: service, call, arguments. */
export type AwsCall = readonly [service: string, call: string, given?: object];

/** What came of a call: the answer, or the error's code and message. */
export interface AwsOutcome {
  readonly answer?: Block;
  readonly error?: string;
  readonly message?: string;
  readonly status?: number;
}

interface Waiting {
  readonly resolve: (line: string) => void;
  readonly reject: (error: Error) => void;
}

/** The AWS API, asked by one process that stays: boto3 takes longer to begin than to ask. */
export class AwsCalls {
  private readonly waiting: Waiting[] = [];
  private readonly ended: Promise<void>;
  private said = "";

  private constructor(private readonly child: ChildProcessWithoutNullStreams) {
    createInterface({ input: child.stdout }).on("line", (line) => this.waiting.shift()?.resolve(line));
    child.stderr.on("data", (chunk: Buffer) => (this.said += chunk.toString()));
    child.on("error", (error) => (this.said += error.message));
    // Who asks one that has ended learns it from what it said.
    child.stdin.on("error", () => undefined);
    this.ended = new Promise((resolve) => {
      child.on("close", () => {
        for (const { reject } of this.waiting.splice(0)) reject(this.gone());
        resolve();
      });
    });
  }

  /** @param within what is put before the command, for one that runs elsewhere */
  static async open(
    environment: NodeJS.ProcessEnv,
    within = (argv: readonly string[]): readonly string[] => argv,
  ): Promise<AwsCalls> {
    const { python } = await pythonEnvironment(() => undefined);
    const [program = "", ...args] = within([python, join(__dirname, "../../lab/aws/call.py")]);
    return new AwsCalls(spawn(program, args, { env: environment }));
  }

  /** What the API says, also when that is no. */
  async outcome(...[service, call, given = {}]: AwsCall): Promise<AwsOutcome> {
    const line = await new Promise<string>((resolve, reject) => {
      if (this.child.exitCode !== null || this.child.signalCode !== null) return reject(this.gone());
      this.waiting.push({ resolve, reject });
      this.child.stdin.write(`${JSON.stringify([service, call, given])}\n`);
    });
    return JSON.parse(line) as AwsOutcome;
  }

  /** @throws Error where the API says no */
  async answer(...call: AwsCall): Promise<Block> {
    const { answer, error, message } = await this.outcome(...call);
    if (answer === undefined) throw new Error(`${call[0]} ${call[1]}: ${error}: ${message}`);
    return answer;
  }

  async close(): Promise<void> {
    // Nobody waits for an answer any more.
    this.child.kill();
    await this.ended;
  }

  private gone(): Error {
    return new Error(`what asks the AWS API has ended: ${this.said}`);
  }
}

/** What AWS answers to calls, made one after the other; who asks says of what shape that is. */
export async function awsAnswers<Answers = Block[]>(
  api: AwsApi,
  region: string,
  calls: readonly AwsCall[],
): Promise<Answers> {
  const asked = await api.calls(region);
  return (await Promise.all(calls.map((call) => asked.answer(...call)))) as Answers;
}
