import type { TerraformEvent } from "./terraform";
import type { StackJson } from "./workspace";

interface Part {
  readonly total: number;
  done: number;
  started?: number;
}

/** Says which part of the cluster an apply is at: one line when a part begins, one when it is complete. */
export class ApplyProgress {
  private readonly partOf = new Map<string, string>();
  private readonly parts = new Map<string, Part>();

  constructor(
    stack: StackJson,
    private readonly log: (line: string) => void,
    private readonly now: () => number = () => Date.now() / 1000,
  ) {
    const totals = new Map<string, number>();
    for (const [type, resources] of Object.entries(stack.resource))
      for (const [name, resource] of Object.entries(resources)) {
        // hard-way/cluster/stage-etcd/controller-0: the third name is the part. CDK hides what is called Default.
        const names = resource["//"].metadata.path.split("/").filter((one) => one !== "Default");
        const part = names[2] ?? "stack";
        this.partOf.set(`${type}.${name}`, part);
        totals.set(part, (totals.get(part) ?? 0) + 1);
      }
    for (const [part, total] of totals) this.parts.set(part, { total, done: 0 });
  }

  readonly event = (event: TerraformEvent): void => {
    const address = event.hook?.resource.addr.replace(/\[.*$/, "");
    const name = address === undefined ? undefined : this.partOf.get(address);
    const part = name === undefined ? undefined : this.parts.get(name);
    if (part === undefined || name === undefined) return;
    if (event.type === "apply_start" && part.started === undefined) {
      part.started = this.now();
      this.log(`${name.padEnd(22)} begins`);
    }
    if (event.type === "apply_complete") {
      part.done += 1;
      if (part.done === part.total)
        this.log(`${name.padEnd(22)} done in ${Math.round(this.now() - (part.started ?? 0))} s`);
    }
    if (event.type === "apply_errored") this.log(`${name.padEnd(22)} FAILED at ${address}`);
  };
}
