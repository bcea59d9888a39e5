import { down } from "../lab";
import { clusterOf, stacks } from "./cluster";

// npm run down: machines, network and API, and what this clone knew of them. The API is gone with its account, so there
// is nothing left for terraform destroy.
down({ log: (line: string) => process.stdout.write(`${line}\n`) })
  .then(() => stacks.forEach((stack) => clusterOf(stack).forget()))
  .catch((error: unknown) => {
    process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
