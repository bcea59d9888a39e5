import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

export type Log = (line: string) => void;

export interface CommandOptions {
  readonly folder?: string;
  /** Added to the environment of this process; undefined takes a variable away. */
  readonly environment?: Record<string, string | undefined>;
  readonly log?: Log;
  /** Written to the command's standard input, which is empty otherwise. */
  readonly input?: string;
  readonly timeoutSeconds?: number;
}

/** How many of the last lines of a failed command are repeated in its error. */
const linesInError = 25;

/** A command gets this long unless its caller says otherwise; a cold Kubernetes build on a busy machine fits. */
const defaultTimeoutSeconds = 45 * 60;

const running = new Set<ChildProcess>();
process.on("exit", () => running.forEach((child) => child.kill("SIGTERM")));

/** Runs a command, passes each line that it prints to `log`, and returns its standard output. */
export async function command(program: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  const seconds = options.timeoutSeconds ?? defaultTimeoutSeconds;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.folder,
      env: { ...process.env, LC_ALL: "C", ...options.environment },
      stdio: ["pipe", "pipe", "pipe"],
    });
    running.add(child);
    const output: string[] = [];
    const tail: string[] = [];
    const said = (line: string): void => {
      tail.push(line);
      if (tail.length > linesInError) tail.shift();
      options.log?.(line);
    };
    createInterface({ input: child.stdout }).on("line", (line) => {
      output.push(line);
      said(line);
    });
    createInterface({ input: child.stderr }).on("line", said);
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill("SIGTERM");
    }, seconds * 1000);
    // A command that ends without reading its input closes the pipe; its exit code tells the story.
    child.stdin.on("error", () => undefined);
    child.stdin.end(options.input ?? "");
    child.on("error", (error) => {
      clearTimeout(timer);
      running.delete(child);
      reject(new Error(`cannot run ${program}: ${error.message}`));
    });
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      running.delete(child);
      if (code === 0) return resolve(output.join("\n"));
      const reason = timedOut ? `no end after ${seconds} s` : code === null ? `killed by ${signal}` : `exit ${code}`;
      reject(new Error(`${program} ${args.slice(0, 3).join(" ")}: ${reason}\n${tail.join("\n")}`));
    });
  });
}
