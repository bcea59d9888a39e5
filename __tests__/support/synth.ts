import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { NullProvider } from "@cdktf/provider-null/lib/provider";
import { TlsProvider } from "@cdktf/provider-tls/lib/provider";
import { App, LocalBackend, TerraformStack, Testing } from "cdktf";

/** A synthesised stack, as Terraform reads it. */
export interface Synthesised {
  readonly json: string;
  readonly resource: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
  readonly data: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
  readonly ephemeral: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
  readonly locals: Readonly<Record<string, unknown>>;
}

/** Builds in a stack with every provider, validates, and gives what Terraform would get. */
export function synth(build: (stack: TerraformStack) => void): Synthesised {
  const outdir = mkdtempSync(join(tmpdir(), "synth-"));
  try {
    const stack = new TerraformStack(Testing.app({ outdir }), "test");
    addProviders(stack);
    build(stack);
    const json = Testing.synth(stack, true);
    return { resource: {}, data: {}, ephemeral: {}, locals: {}, ...(JSON.parse(json) as object), json };
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

/** Builds in a stack and writes it below `outdir`, assets and all. Gives the folder that Terraform runs in. */
export function synthInto(outdir: string, build: (stack: TerraformStack) => void): string {
  const app = new App({ outdir });
  const stack = new TerraformStack(app, "test");
  // The default is a path below the working directory, which is the repository's.
  new LocalBackend(stack, { path: "terraform.tfstate" });
  build(stack);
  app.synth();
  return join(outdir, "stacks", "test");
}

/** Every provider that the constructs use. */
export function addProviders(stack: TerraformStack): void {
  new AwsProvider(stack, "aws", { region: "eu-west-1" });
  new TlsProvider(stack, "tls");
  new NullProvider(stack, "null");
}

/** The Terraform addresses of a synthesised stack, sorted. */
export function addresses(stack: Synthesised): string[] {
  return Object.entries(stack.resource)
    .flatMap(([type, resources]) => Object.keys(resources).map((name) => `${type}.${name}`))
    .sort();
}
