import { spawn, type ChildProcess } from "node:child_process";
import { createWriteStream, type WriteStream } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { noteWhileItRuns } from "./unfinished-run";

/** One line of Terraform's machine-readable output, as far as the lab reads it. */
export interface TerraformEvent {
  readonly "@message": string;
  readonly type: string;
  readonly hook?: {
    readonly resource: { readonly addr: string };
    readonly elapsed_seconds?: number;
    readonly output?: string;
  };
  readonly diagnostic?: {
    readonly severity: string;
    readonly summary: string;
    readonly detail: string;
    readonly address?: string;
  };
  /** Of `planned_change`: what is going to be done to what. */
  readonly change?: { readonly action: string; readonly resource: { readonly addr: string } };
  readonly changes?: { readonly add: number; readonly change: number; readonly remove: number };
}

export interface TerraformOptions {
  /** Where cdk.tf.json lies and the state is kept. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Turns a command into one that runs where the machines can be reached. */
  readonly inside: (command: readonly string[]) => readonly string[];
}

export interface Run {
  readonly status: number;
  readonly output: string;
}

export class TerraformError extends Error {
  constructor(
    /** What failed, without why. */
    readonly what: string,
    readonly diagnostics: readonly NonNullable<TerraformEvent["diagnostic"]>[],
    /** What provisioners printed last, by address of their resource. */
    readonly printed: ReadonlyMap<string, readonly string[]>,
  ) {
    super([what, ...diagnostics.map(({ summary, detail }) => `${summary}: ${detail}`)].join("\n"));
  }
}

/** Terraform in one folder. Its own process group: Ctrl-C reaches it once, so that it ends in order and keeps its state. */
export class Terraform {
  constructor(private readonly options: TerraformOptions) {}

  async init(): Promise<void> {
    const { status, output } = await this.run(["init", "-input=false", "-no-color"]);
    if (status !== 0) throw new Error(`terraform init failed:\n${output}`);
  }

  /** Whether a plan would change anything; `output` is the plan as people read it. */
  async plan(...options: string[]): Promise<{ readonly changes: boolean; readonly output: string }> {
    const { status, output } = await this.run(["plan", "-input=false", "-no-color", "-detailed-exitcode", ...options]);
    if (status !== 0 && status !== 2) throw new Error(`terraform plan failed:\n${output}`);
    return { changes: status === 2, output };
  }

  apply(onEvent: (event: TerraformEvent) => void, ...options: string[]): Promise<void> {
    return this.stream("apply", ["apply", "-auto-approve", "-input=false", "-json", ...options], onEvent);
  }

  destroy(onEvent: (event: TerraformEvent) => void, ...options: string[]): Promise<void> {
    return this.stream("destroy", ["destroy", "-auto-approve", "-input=false", "-json", ...options], onEvent);
  }

  /** @throws Error when there is no such output. */
  async output(name: string): Promise<unknown> {
    const { status, output } = await this.run(["output", "-json", name]);
    if (status !== 0) throw new Error(`terraform output ${name} failed:\n${output}`);
    return JSON.parse(output);
  }

  async state(): Promise<string[]> {
    const { status, output } = await this.run(["state", "list"]);
    return status === 0 ? output.split("\n").filter((line) => line !== "") : [];
  }

  async run(command: readonly string[]): Promise<Run> {
    const child = this.spawn(command);
    const lines: string[] = [];
    const status = await this.end(child, (line) => lines.push(line));
    return { status, output: lines.join("\n") };
  }

  private async stream(
    what: string,
    command: readonly string[],
    onEvent: (event: TerraformEvent) => void,
  ): Promise<void> {
    const log = createWriteStream(join(this.options.folder, "terraform.log"), { flags: "a", mode: 0o600 });
    const diagnostics: NonNullable<TerraformEvent["diagnostic"]>[] = [];
    const printed = new Map<string, string[]>();
    const child = this.spawn(command);
    noteWhileItRuns(this.options.folder, child);
    const status = await this.end(child, (line) => {
      const event = parse(line);
      if (event === undefined) return writeLine(log, line);
      writeLine(log, `${event.hook?.resource.addr ?? ""} ${event.hook?.output ?? event["@message"]}`);
      if (event.diagnostic?.severity === "error") {
        diagnostics.push(event.diagnostic);
        writeLine(log, event.diagnostic.detail);
      }
      const address = event.hook?.resource.addr;
      if (event.type === "provision_progress" && address !== undefined)
        printed.set(address, [...(printed.get(address) ?? []), event.hook?.output ?? ""].slice(-20));
      onEvent(event);
    });
    await new Promise<void>((resolve) => log.end(resolve));
    if (status !== 0) throw new TerraformError(`terraform ${what} failed`, diagnostics, printed);
  }

  private spawn(command: readonly string[]): ChildProcess {
    const [program, ...args] = this.options.inside(["terraform", `-chdir=${this.options.folder}`, ...command]);
    return spawn(program!, args, {
      env: { ...process.env, TF_IN_AUTOMATION: "1", CHECKPOINT_DISABLE: "1", ...this.options.environment },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
  }

  /** Waits for the end; an interrupt of ours becomes one interrupt of Terraform's. */
  private end(child: ChildProcess, onLine: (line: string) => void): Promise<number> {
    let interrupted = false;
    const interrupt = (): void => {
      if (!interrupted && child.pid !== undefined) process.kill(-child.pid, "SIGINT");
      interrupted = true;
    };
    process.on("SIGINT", interrupt).on("SIGTERM", interrupt);
    return new Promise((resolve, reject) => {
      for (const stream of [child.stdout!, child.stderr!]) createInterface({ input: stream }).on("line", onLine);
      child.on("error", (error) => {
        process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
        reject(new Error(`cannot run terraform: ${error.message}`));
      });
      child.on("close", (code) => {
        process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
        if (interrupted) reject(new Error("interrupted"));
        else resolve(code ?? 1);
      });
    });
  }
}

function parse(line: string): TerraformEvent | undefined {
  try {
    const event = JSON.parse(line) as TerraformEvent;
    return typeof event.type === "string" ? event : undefined;
  } catch {
    return undefined;
  }
}

const writeLine = (log: WriteStream, line: string): void => void log.write(`${line}\n`);
