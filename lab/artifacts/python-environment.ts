import { readFile, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { cached, cacheFolder } from "../cache";
import type { Result } from "./artifact";
import { obtain } from "./artifact";
import type { Log } from "./command";
import { command } from "./command";
import { keyOf } from "./record";
import { systemPackages } from "./system-packages";

export interface PythonEnvironment extends Result {
  /** The interpreter that has the requirements installed. */
  readonly python: string;
}

/** The Python environment that the lab's AWS API runs in. */
export const pythonEnvironment = (log: Log): Promise<PythonEnvironment> =>
  environmentOf("python environment", join(__dirname, "..", "aws", "requirements.txt"), "moto_server", log);

/** One of its own for checkov, which wants some hundred packages that nothing else does. */
export const checkovEnvironment = (log: Log): Promise<PythonEnvironment> =>
  environmentOf("checkov", join(__dirname, "checkov-requirements.txt"), "checkov", log);

/** What was installed is told by `program`, which the requirements bring. */
async function environmentOf(
  name: string,
  requirementsFile: string,
  program: string,
  log: Log,
): Promise<PythonEnvironment> {
  const requirements = await readFile(requirementsFile, "utf8");
  const pins = requirements.split("\n").filter((line) => line && !line.startsWith("#"));
  const version = pins.join(" ");
  // An environment points to the interpreter that made it, so another interpreter means another environment.
  const interpreter = await command("python3", ["-c", "import sys; print(sys.executable, sys.version)"]);
  const key = keyOf(pins, interpreter);
  const folder = cached(`python-${key}`);
  const made = await obtain(
    {
      name,
      version,
      keys: { installed: key },
      async make(say) {
        // An environment cannot be moved after it was made; the record, written last, tells a whole one from a half one.
        await rm(folder, { recursive: true, force: true });
        // Debian's Python comes without what makes one.
        await command("python3", ["-c", "import venv, ensurepip"]).catch(() => systemPackages(say));
        await command("python3", ["-m", "venv", folder], { log: say });
        await command(
          join(folder, "bin", "pip"),
          ["install", "--quiet", "--no-input", "--disable-pip-version-check", "--requirement", requirementsFile],
          { log: say },
        );
        const marker = join(folder, "bin", program);
        return { source: "installed", paths: [marker.slice(cacheFolder.length + 1)] };
      },
    },
    log,
  );
  return { ...made, python: join(cached(basename(folder)), "bin", "python") };
}
