import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { STAGES } from "../../constructs/bootstrap/stages";
import { scriptFolder } from "../../constructs/bootstrap/node-scripts";
import { cluster } from "../support/hard-way";
import { addProviders, synth, synthInto } from "../support/synth";

const SCRIPTS = join(__dirname, "..", "..", "scripts");
const UPLOADED = ["lib", ...STAGES.map(({ name }) => name)];

/** Every file below a folder with its bytes, by its path in the folder. */
function contents(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [path.slice(folder.length + 1), readFileSync(path, "base64")]),
  );
}

describe("the synthesised stack", () => {
  let outdir: string;
  let assets: string;

  beforeAll(() => {
    outdir = mkdtempSync(join(tmpdir(), "assets-"));
    const folder = synthInto(outdir, (stack) => {
      addProviders(stack);
      // With every stage that there is.
      cluster(stack, {
        proxy: { url: "http://proxy.example:3128" },
        podNetwork: "vxlan",
        containerRegistry: {},
        logs: {},
      });
    });
    assets = join(folder, "assets");
  });
  afterAll(() => rmSync(outdir, { recursive: true, force: true }));

  test.each(UPLOADED)(
    "carries scripts/%s byte for byte, so no template ever touches a script (FT-52, LD-08)",
    (name) => {
      const [hash] = readdirSync(join(assets, `scripts-${name}`));

      expect(contents(join(assets, `scripts-${name}`, hash!))).toEqual(contents(join(SCRIPTS, name)));
    },
  );

  test("carries what is uploaded, once for all machines, and nothing else (FT-49)", () => {
    const copies = readdirSync(assets).flatMap((name) => readdirSync(join(assets, name)).map((hash) => [name, hash]));

    expect(copies).toEqual(UPLOADED.map((name) => [`scripts-${name}`, expect.stringMatching(/^[0-9a-f]{32}$/)]).sort());
  });

  test("holds no script's text itself (FT-52, LD-08)", () => {
    const json = readFileSync(join(outdir, "stacks", "test", "cdk.tf.json"), "utf8");

    expect(json).not.toMatch(/#!\/usr\/bin\/env bash|pipefail/);
  });
});

test("fails where the package was not installed whole", () => {
  expect(() => synth((stack) => void scriptFolder(stack, "upgrade"))).toThrow(
    "the package has no scripts/upgrade; it was not installed whole",
  );
});
