import { execFile } from "node:child_process";
import { terraformProviders } from "../../lab/artifacts/terraform-providers";

export interface Run {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** An error or a warning, as Terraform's -json output has it. */
export interface Diagnostic {
  readonly severity: "error" | "warning";
  readonly summary: string;
  readonly detail: string;
}

/** The real Terraform in a folder. Where it or a provider cannot be had, a test fails: nothing is skipped. */
export class Terraform {
  constructor(
    readonly folder: string,
    private readonly environment: Readonly<Record<string, string>> = {},
    /** OpenTofu takes the same commands. */
    private readonly program = "terraform",
  ) {}

  /** The environment that it runs in. */
  get variables(): NodeJS.ProcessEnv {
    return { ...own(), ...this.environment };
  }

  /** Runs a command to its end, good or bad. */
  run(...args: string[]): Promise<Run> {
    return new Promise((resolve, reject) => {
      execFile(
        this.program,
        args,
        { cwd: this.folder, env: this.variables, maxBuffer: 64 * 1024 * 1024 },
        (error, stdout, stderr) => {
          const status = error === null ? 0 : error.code;
          if (typeof status === "number") resolve({ status, stdout, stderr });
          else reject(new Error(`terraform cannot be run: ${error?.message}; install it, the tests need the real one`));
        },
      );
    });
  }

  /**
   * Standard output of a command that has to succeed.
   *
   * @throws Error with what Terraform said.
   */
  async succeed(...args: string[]): Promise<string> {
    const { status, stdout, stderr } = await this.run(...args);
    if (status !== 0) throw new Error(`terraform ${args[0]} ended with ${status}:\n${stderr || stdout}`);
    return stdout;
  }

  /** What a plan complains of; nothing when it is good. */
  async complaints(...args: string[]): Promise<Diagnostic[]> {
    const { stdout } = await this.run("plan", "-json", "-input=false", ...args);
    const lines = stdout.split("\n").filter((line) => line !== "");
    return lines.flatMap((line) => {
      const { diagnostic } = JSON.parse(line) as { diagnostic?: Diagnostic };
      return diagnostic === undefined ? [] : [diagnostic];
    });
  }

  /** The plan, as `terraform show -json` has it. */
  async plan(...args: string[]): Promise<Plan> {
    await this.succeed("plan", "-input=false", "-out=planned", ...args);
    return JSON.parse(await this.succeed("show", "-json", "planned")) as Plan;
  }
}

/** The part of a plan that tests look at. */
export interface Plan {
  readonly resource_changes: readonly {
    readonly address: string;
    readonly type: string;
    readonly mode: "managed" | "data";
    readonly change: {
      readonly actions: readonly string[];
      readonly after: Readonly<Record<string, unknown>> | null;
      readonly after_sensitive: Readonly<Record<string, unknown>> | boolean;
    };
  }[];
}

/** Terraform in a folder, with providers from where this machine has them. */
export async function terraformIn(folder: string, environment: Record<string, string> = {}): Promise<Terraform> {
  const { configurationFile } = await terraformProviders((line) => void process.stderr.write(`${line}\n`));
  return new Terraform(folder, { TF_CLI_CONFIG_FILE: configurationFile, ...environment });
}

/** Terraform in a folder with a stack, its providers installed from where this machine has them. */
export async function initialised(folder: string, environment: Record<string, string> = {}): Promise<Terraform> {
  const terraform = await terraformIn(folder, environment);
  await terraform.succeed("init", "-input=false", "-no-color");
  return terraform;
}

/** The environment without anything that leads to an account of the developer's. */
function own(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(AWS|TF)_/.test(name));
  return {
    ...Object.fromEntries(kept),
    TF_IN_AUTOMATION: "1",
    CHECKPOINT_DISABLE: "1",
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_CONFIG_FILE: "/dev/null",
    AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
  };
}
