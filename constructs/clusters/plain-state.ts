import { Annotations, Aspects, TerraformBackend, TerraformStack } from "cdktf";
import type { IConstruct } from "constructs";

/** Warns at synth where the state of `scope`'s stack, and the keys in it, would lie somewhere in plain text. */
export function warnOfPlainState(scope: IConstruct): void {
  // At synth and not at once, since the stack's backend may be made after its resources.
  Aspects.of(scope).add({
    visit: (node) => {
      const backend = node === scope ? plainBackend(TerraformStack.of(scope)) : undefined;
      if (backend === undefined) return;
      Annotations.of(scope).addWarning(
        `the keys of this cluster will lie in plain text in Terraform's state, ${backend}; ` +
          "use a backend that encrypts, such as S3Backend with encrypt and use_lockfile, or set allowPlainState",
      );
    },
  });
}

/** Where the state lies in plain text, or undefined. Of backends that are not known here nothing is said. */
function plainBackend(stack: TerraformStack): string | undefined {
  const backend = stack.node.children.find((child): child is TerraformBackend => TerraformBackend.isBackend(child));
  // Without a backend CDKTF makes a local one.
  const { terraform } = (backend?.toTerraform() ?? { terraform: { backend: { local: {} } } }) as {
    terraform: { backend: { local?: object; s3?: { encrypt?: boolean } } };
  };
  const { local, s3 } = terraform.backend;
  if (local !== undefined) return "a file beside the stack";
  return s3 !== undefined && s3.encrypt !== true ? "in S3 without encrypt" : undefined;
}
