import type { Machine, NodeGroup } from "./places";
import type { Plan } from "./plan";
import type { Stack } from "./stack";

interface Box {
  readonly kind: "people" | "api" | "network" | "subnet" | "machines";
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly lines: readonly string[];
}

const WIDTH = 960;
const GAP = 16;
const LINE = 17;
const PADDING = 10;
/** Of a letter in the font below: every one is as wide. */
const LETTER = 7.3;
const MOST_LINES = 5;
const COLUMNS = 3;

const heightOf = (lines: number): number => lines * LINE + 2 * PADDING;
const short = (line: string, width: number): string => {
  const most = Math.floor((width - 2 * PADDING) / LETTER);
  return line.length <= most ? line : `${line.slice(0, most - 1)}…`;
};

/** The network with what stands in it, as an SVG: who comes in by what is at the top. */
export function topologyOf(plan: Plan, stack: Stack): string {
  const boxes: Box[] = [];
  const columns = Math.min(COLUMNS, Math.max(1, plan.subnets.length));
  const inner = WIDTH - 2 * GAP;
  const width = Math.floor((inner - (columns + 1) * GAP) / columns);

  const people: Box = {
    kind: "people",
    x: GAP,
    y: GAP,
    width: inner,
    height: heightOf(1),
    lines: ["people and Terraform, from admin_cidrs"],
  };
  const api: Box = {
    kind: "api",
    x: GAP,
    y: people.y + people.height + 2 * GAP,
    width: inner,
    height: heightOf(1),
    lines: [apiOf(stack)],
  };
  let y = api.y + api.height + 2 * GAP;
  const top = y;
  y += heightOf(1);
  for (let first = 0; first < plan.subnets.length; first += columns) {
    const row = plan.subnets.slice(first, first + columns).map((subnet) => ({
      subnet,
      inside: contentsOf(subnet.id, plan),
    }));
    const height = Math.max(
      ...row.map(({ inside }) => inside.reduce((sum, lines) => sum + heightOf(lines.length) + PADDING, heightOf(3))),
    );
    for (const [column, { subnet, inside }] of row.entries()) {
      const x = 2 * GAP + column * (width + GAP);
      boxes.push({ kind: "subnet", x, y, width, height, lines: [subnet.name, subnet.cidr, subnet.zone] });
      let below = y + heightOf(3);
      for (const lines of inside) {
        const box = { x: x + PADDING, y: below, width: width - 2 * PADDING, height: heightOf(lines.length), lines };
        boxes.push({ kind: "machines", ...box });
        below += box.height + PADDING;
      }
    }
    y += height + GAP;
  }
  const network: Box = { kind: "network", x: GAP, y: top, width: inner, height: y - top, lines: [networkOf(stack)] };
  const middle = WIDTH / 2;
  const arrows = [arrow(middle, people.y + people.height, api.y), arrow(middle, api.y + api.height, network.y)];
  const drawn = [people, api, network, ...boxes].map(draw);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y + GAP}" role="img" aria-label="topology of ${escape(plan.name)}" font-family="ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="12">`,
    `<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0 8 4 0 8z" fill="#5b6b7b"/></marker></defs>`,
    ...drawn,
    ...arrows,
    "</svg>",
  ].join("\n");
}

function apiOf(stack: Stack): string {
  const [balancer] = stack.all("aws_lb");
  const [listener] = stack.all("aws_lb_listener");
  if (balancer !== undefined)
    return `${balancer[1]["internal"] === true ? "internal" : "public"} load balancer, tcp ${String(listener?.[1]["port"])}: API servers`;
  return "EKS control plane, tcp 443: API servers in AWS's network";
}

function networkOf(stack: Stack): string {
  const [vpc] = stack.all("aws_vpc");
  const [there] = stack.data("aws_vpc");
  const ways = (
    [
      ["aws_internet_gateway", "internet gateway"],
      ["aws_nat_gateway", "NAT gateway"],
    ] as const
  ).flatMap(([type, name]) => (stack.all(type).length === 0 ? [] : [`${stack.all(type).length} × ${name}`]));
  const name =
    vpc === undefined
      ? `${String(there?.[1]["id"]).replace(/^\$\{var\.(\w+)\}$/, "$1")}, which is there`
      : `VPC ${String(vpc[1]["cidr_block"])}`;
  return [name, ...(ways.length === 0 ? ["nothing that faces the internet"] : ways)].join(", ");
}

/** What stands in a subnet, a box for each pool of machines and each group of nodes. */
function contentsOf(id: string, { machines, nodeGroups }: Plan): string[][] {
  const here = machines.filter(({ subnet }) => subnet === id);
  const pools = [...new Set(here.map(({ pool }) => pool))];
  return [
    ...pools.map((pool) => machineLines(here.filter((machine) => machine.pool === pool))),
    ...nodeGroups.filter(({ subnets }) => subnets.includes(id)).map(groupLines),
  ];
}

function machineLines(pool: readonly Machine[]): string[] {
  const lines = pool.map(({ name, address }) => `${name} ${address}`);
  const shown =
    lines.length > MOST_LINES
      ? [...lines.slice(0, MOST_LINES - 1), `and ${lines.length - MOST_LINES + 1} more`]
      : lines;
  return [`${pool.length} × ${pool[0]!.type}`, ...shown];
}

const groupLines = ({ name, types, min, max }: NodeGroup): string[] => [
  `nodes ${name}`,
  `${min} to ${max} × ${types.join(", ")}`,
  "shared with its other subnets",
];

const COLOURS: Readonly<Record<Box["kind"], string>> = {
  people: "#fff4d6",
  api: "#dbeafe",
  network: "#f6f8fa",
  subnet: "#e8f5ec",
  machines: "#ffffff",
};

function draw({ kind, x, y, width, height, lines }: Box): string {
  const texts = lines.map((line, index) => {
    const at = `x="${x + PADDING}" y="${y + PADDING + (index + 1) * LINE - 5}"`;
    return `<text ${at}${index === 0 ? ' font-weight="bold"' : ""} fill="#1f2933">${escape(short(line, width))}</text>`;
  });
  const shape = `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="6" fill="${COLOURS[kind]}" stroke="#9aa5b1"/>`;
  return `<g class="${kind}">${shape}${texts.join("")}</g>`;
}

const arrow = (x: number, from: number, to: number): string =>
  `<path d="M${x} ${from}V${to}" stroke="#5b6b7b" stroke-width="1.5" marker-end="url(#tip)"/>`;

export const escape = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
