import { setPriority } from "node:os";
import { prepareConformanceSuite } from "../artifacts/conformance-suite";
import { prepare } from "../artifacts/prepare";

// What the tests on machines want: made beside the tests that do without machines, so that nobody waits for it twice.
const log = (line: string): void => void process.stderr.write(`${line}\n`);

// Ends by the way of `exit`, where the commands that still run are ended too.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(1));
prepare({ log })
  .then(() => {
    // Machines may run by now, and come first.
    setPriority(10);
    return prepareConformanceSuite({ log });
  })
  .catch((error: Error) => {
    log(`error: ${error.message}`);
    process.exitCode = 1;
  });
