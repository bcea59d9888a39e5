import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { projectFolder } from "../../../lab/terraform/workspace";
import { CORPORATE } from "../../support/hybrid";

// The plans for people in a real browser, opened as files: what a page looks like, only a browser knows.
const scratch = mkdtempSync(join(tmpdir(), "report-seen-"));
const stacks = join(scratch, "out", "stacks");
const run = promisify(execFile);

beforeAll(async () => {
  if (spawnSync("chromium", ["--version"]).status !== 0)
    await run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "chromium"], {
      maxBuffer: 64 * 1024 * 1024,
    });
  writeFileSync(join(scratch, "network.json"), JSON.stringify(CORPORATE));
  const tsx = join(projectFolder, "node_modules", "tsx", "dist", "cli.mjs");
  await run(process.execPath, [tsx, join(projectFolder, "report.ts")], {
    cwd: projectFolder,
    env: { ...process.env, CDKTF_OUTDIR: join(scratch, "out"), HYBRID_NETWORK: join(scratch, "network.json") },
  });
}, 600_000);
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

interface Seen {
  /** Where each box of the drawing is, in it, and what kind it is of. */
  readonly boxes: readonly { readonly kind: string; readonly at: readonly [number, number, number, number] }[];
  /** Texts that stick out of their box. */
  readonly out: readonly string[];
  readonly texts: number;
  readonly headings: number;
  readonly errors: readonly string[];
  /** How much wider the page is than the window. */
  readonly sideways: number;
}

/** Measures the page, in the page. */
const LOOK = `
  const edges = ({ x, y, width, height }) => [x, y, x + width, y + height];
  const groups = [...document.querySelectorAll("svg g")];
  const boxOf = (group) => edges(group.querySelector("rect").getBBox());
  const sticksOut = ([left, top, right, bottom], [a, b, c, d]) => c - a < 1 || a < left || b < top || c > right || d > bottom;
  const out = groups.flatMap((group) =>
    [...group.querySelectorAll("text")]
      .filter((text) => sticksOut(boxOf(group), edges(text.getBBox())))
      .map((text) => text.textContent),
  );
  const seen = document.createElement("pre");
  seen.id = "seen";
  seen.textContent = JSON.stringify({
    boxes: groups.map((group) => ({ kind: group.getAttribute("class"), at: boxOf(group) })),
    out,
    texts: document.querySelectorAll("svg text").length,
    headings: document.querySelectorAll("h2").length,
    errors: window.errors,
    sideways: document.documentElement.scrollWidth - document.documentElement.clientWidth,
  });
  document.body.append(seen);
`;

async function seen(kind: string): Promise<Seen> {
  const html = readFileSync(join(stacks, kind, "plan.html"), "utf8");
  const listener = `<script>window.errors=[];addEventListener("error",({message})=>errors.push(message),true)</script>`;
  const page = join(scratch, `${kind}.html`);
  writeFileSync(
    page,
    html.replace("<head>", `<head>${listener}`).replace("</body>", `<script>${LOOK}</script></body>`),
  );
  const flags = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--window-size=1200,900",
    `--user-data-dir=${scratch}/browser`,
  ];
  const { stdout } = await run("chromium", [...flags, "--dump-dom", `file://${page}`], { maxBuffer: 64 * 1024 * 1024 });
  return JSON.parse(
    /<pre id="seen">(.*?)<\/pre>/s.exec(stdout)![1]!.replaceAll("&amp;", "&").replaceAll("&lt;", "<"),
  ) as Seen;
}

test.each(["hard-way", "eks", "hybrid"])(
  "a browser draws the topology of %s: every text in its box, and no box over another (FT-95)",
  async (kind) => {
    const { boxes, out, texts, headings, errors, sideways } = await seen(kind);

    expect([errors, out, sideways]).toEqual([[], [], 0]);
    expect(texts).toBeGreaterThan(6);
    expect(headings).toBeGreaterThan(6);
    const over = boxes.flatMap((a, index) =>
      boxes.slice(index + 1).flatMap((b) => {
        const [apart, inside] = [isApart(a.at, b.at), isInside(a.at, b.at) || isInside(b.at, a.at)];
        // Machines lie in subnets, and those in the network.
        return apart || (inside && a.kind !== b.kind) ? [] : [[a, b]];
      }),
    );
    expect(over).toEqual([]);
    const [network] = boxes.filter((box) => box.kind === "network");
    for (const { kind: what, at } of boxes)
      if (["subnet", "machines"].includes(what)) expect(isInside(at, network!.at)).toBe(true);
  },
  180_000,
);

type Edges = readonly [number, number, number, number];
const isApart = ([a, b, c, d]: Edges, [e, f, g, h]: Edges): boolean => c <= e || g <= a || d <= f || h <= b;
const isInside = ([a, b, c, d]: Edges, [e, f, g, h]: Edges): boolean => a >= e && b >= f && c <= g && d <= h;
