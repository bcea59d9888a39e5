import type { Log } from "./command";
import { command } from "./command";
import { withLock } from "./lock";

export interface GoProgram {
  /** Folder of the module to build in; without one `packages` carry their versions and are installed by `go install`. */
  readonly folder?: string;
  readonly packages: readonly string[];
  readonly outputFolder: string;
  /** Package variables to set, in the linker's notation without `-X`. */
  readonly variables?: readonly string[];
  readonly tags?: readonly string[];
  /** A C library is linked in, statically. */
  readonly cgo?: boolean;
  /** What it runs on, by Go's name; Linux unless said otherwise, since nodes run nothing else. */
  readonly system?: string;
  /** The tests of the one package, as a program, in place of the package itself; it is built in silence. */
  readonly test?: boolean;
}

/** What every build has in common; part of the cache key of whatever is built. */
export const goSettings = { flags: ["-trimpath", "-buildvcs=false"], linker: ["-s", "-w"] } as const;

/** The paths of the machine and of its caches do not get into the programs: the same sources give the same bytes. */
const environment = { GOFLAGS: goSettings.flags.join(" "), GO111MODULE: "on", GOWORK: "off", GOOS: "linux" };

/** The compiler's version, or undefined on a machine without Go. */
export async function goVersion(): Promise<string | undefined> {
  return command("go", ["env", "GOVERSION"]).catch(() => undefined);
}

/** A machine builds one Go module at a time: two would only take turns on the same processors. */
export async function goBuild(program: GoProgram, log: Log): Promise<void> {
  return withLock("a Go build", log, () => build(program, log));
}

async function build(program: GoProgram, log: Log): Promise<void> {
  const linker = [...goSettings.linker, ...(program.variables ?? []).map((variable) => `-X ${variable}`)];
  if (program.cgo) linker.push("-linkmode external", '-extldflags "-static"');
  const flags = [...(program.test ? ["-c", "-vet=off"] : ["-v"]), "-ldflags", linker.join(" ")];
  if (program.tags?.length) flags.push("-tags", program.tags.join(","));
  const cgo = { CGO_ENABLED: program.cgo ? "1" : "0" };
  const system = { GOOS: program.system ?? environment.GOOS };
  const { folder, outputFolder, packages } = program;
  await telling(log, (say) =>
    folder
      ? command("go", [program.test ? "test" : "build", ...flags, "-o", `${outputFolder}/`, ...packages], {
          folder,
          environment: { ...environment, ...cgo, ...system },
          log: say,
        })
      : command("go", ["install", ...flags, ...packages], {
          folder: outputFolder,
          environment: { ...environment, ...cgo, ...system, GOBIN: outputFolder },
          log: say,
        }),
  );
}

export async function goCommand(args: readonly string[], folder: string, log?: Log): Promise<string> {
  return command("go", args, { folder, environment: { ...environment, CGO_ENABLED: "0" }, ...(log ? { log } : {}) });
}

export interface GoModule {
  /** The unpacked sources, in Go's own module cache. */
  readonly Dir: string;
  readonly GoMod: string;
}

/** Downloads a module, checked against Go's checksum database, and says where it lies. */
export async function goModule(name: string, version: string, folder: string): Promise<GoModule> {
  return JSON.parse(await goCommand(["mod", "download", "-json", `${name}@${version}`], folder)) as GoModule;
}

/** A sign of life that often while a build has nothing to say; linking alone is silent for a minute. */
const tellEverySeconds = 15;

/** Does the work with a log that counts the packages that `go build -v` names, thousands of them. */
async function telling(log: Log, work: (log: Log) => Promise<unknown>): Promise<void> {
  const started = Date.now();
  let packages = 0;
  const timer = setInterval(() => {
    log(`${packages} packages compiled after ${Math.round((Date.now() - started) / 1000)} s`);
  }, tellEverySeconds * 1000);
  try {
    await work((line) => {
      if (/^[\w.~-]+(\/[\w.~-]+)*$/.test(line)) packages += 1;
      else if (!line.startsWith("go: downloading ")) log(line);
    });
  } finally {
    clearInterval(timer);
  }
}
