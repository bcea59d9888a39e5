import type { TerraformError } from "./terraform";
import type { StackJson } from "./workspace";

/** What went wrong, for a person: one sentence of the failing script or of ours where there is one, else Terraform's. */
export function explain({ diagnostics, printed }: TerraformError, stack: StackJson): string {
  return diagnostics
    .map(({ summary, detail, address }) => {
      const said = (address === undefined ? [] : (printed.get(address) ?? [])).filter((line) =>
        line.includes("error: "),
      );
      const place = placeOf(address, stack);
      const sentence =
        said.at(-1)?.replace(/^.*?error: /, "error: ") ?? impostor(detail, place) ?? unreachable(detail, place);
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

/** A sentence for a server that shows another host key than the machine has, or nothing when it is something else. */
function impostor(detail: string, place: Place | undefined): string | undefined {
  if (place === undefined || !/knownhosts: key (mismatch|is unknown)/.test(detail)) return undefined;
  if (/connecting to bastion/i.test(detail))
    return (
      `error: whoever answers as the bastion, on the way to ${place.machine} for stage ${place.stage}, shows another SSH ` +
      "host key than the bastion has, so nothing was sent; if nobody stands between, write the keys that it has into " +
      "ssh.bastion.hostKeys, or replace a bastion of the cluster's own with terraform apply -replace and the address of " +
      "its aws_instance"
    );
  const address = addressIn(detail);
  return (
    `error: whoever answers at ${address} for stage ${place.stage} on ${place.machine} shows another SSH host key than ` +
    `${place.machine} has, so nothing was sent; if nobody stands between, the machine or its key was changed outside of ` +
    "Terraform: replace it with terraform apply -replace and the address of its aws_instance"
  );
}

/** A sentence for an SSH connection that Terraform gave up on, or nothing when something else went wrong. */
function unreachable(detail: string, place: Place | undefined): string | undefined {
  const [, reason] = /timeout - last error: (.+)/s.exec(detail) ?? [];
  if (reason === undefined || place === undefined) return undefined;
  return (
    `error: cannot reach ${addressIn(reason)} for stage ${place.stage} on ${place.machine} by SSH: ${reason.trim()}; ` +
    "check that the machine runs, that admin_cidrs lets this computer in, and that ssh_address is one it can reach"
  );
}

const addressIn = (text: string): string => /([0-9a-z.:-]+):22\b/.exec(text)?.[1] ?? "its address";
