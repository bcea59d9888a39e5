import type { TerraformError } from "./terraform";
import type { StackJson } from "./workspace";

/** What went wrong, for a person: one sentence of the failing script or of ours where there is one, else Terraform's. */
export function explain({ diagnostics, printed }: TerraformError, stack: StackJson): string {
  return diagnostics
    .map(({ summary, detail, address }) => {
      const said = (address === undefined ? [] : (printed.get(address) ?? [])).filter((line) =>
        line.includes("error: "),
      );
      const sentence = said.at(-1)?.replace(/^.*?error: /, "error: ") ?? unreachable(detail, placeOf(address, stack));
      return `${address ?? "terraform"}: ${sentence ?? `${summary}\n  ${detail.trim()}`}`;
    })
    .join("\n");
}

interface Place {
  readonly stage: string;
  readonly machine: string;
}

/** The stage and machine of a resource, which are the last two names of its path: …/stage-etcd/controller-0. */
function placeOf(address: string | undefined, stack: StackJson): Place | undefined {
  const [type = "", name = ""] = address?.split(".") ?? [];
  const path = stack.resource[type]?.[name]?.["//"].metadata.path;
  const [, stage, machine] = /\/stage-([^/]+)\/([^/]+)$/.exec(path ?? "") ?? [];
  return stage === undefined || machine === undefined ? undefined : { stage, machine };
}

/** A sentence for an SSH connection that Terraform gave up on, or nothing when something else went wrong. */
function unreachable(detail: string, place: Place | undefined): string | undefined {
  const [, reason] = /timeout - last error: (.+)/s.exec(detail) ?? [];
  if (reason === undefined || place === undefined) return undefined;
  const address = /([0-9a-z.:-]+):22\b/.exec(reason)?.[1] ?? "its address";
  return (
    `error: cannot reach ${address} for stage ${place.stage} on ${place.machine} by SSH: ${reason.trim()}; ` +
    "check that the machine runs, that admin_cidrs lets this computer in, and that ssh_address is one it can reach"
  );
}
