import { page, sections } from "./page";

/** Where a command of docs/troubleshooting.md is to be run. */
export const PLACES = {
  "hard-way": ["controller", "worker", "operator"],
  eks: ["eks-node", "eks-operator"],
  hybrid: ["hybrid-worker", "hybrid-operator"],
} as const;
export type Kind = keyof typeof PLACES;
export type Place = (typeof PLACES)[Kind][number];

export interface Remedy {
  /** The heading, ids first. */
  readonly heading: string;
  readonly place: Place;
  readonly command: string;
  /** What it prints, among other things, on a cluster that is well. */
  readonly well: string;
  readonly text: string;
}

/** Those that are told on a cluster of such a kind. */
export const remediesOf = (kind: Kind): Remedy[] =>
  remedies().filter(({ place }) => (PLACES[kind] as readonly string[]).includes(place));

/** Each failure of docs/troubleshooting.md, with the one command that tells it. */
export function remedies(): Remedy[] {
  return sections(page("troubleshooting.md").replaceAll(/^## .*$/gm, ""), 3).map(({ heading, text }) => {
    const [, place, command] = /^```sh ([\w-]+)\n([\s\S]*?)\n```$/m.exec(text) ?? [];
    const [, well] =
      /A well (?:cluster|account|node)(?: [\w ]+)? says `([^`]+)`/.exec(text.replaceAll("\n", " ")) ?? [];
    if (place === undefined || command === undefined || well === undefined)
      throw new Error(`docs/troubleshooting.md, ${heading}: no command with its place and its answer`);
    return { heading, place: place as Place, command, well, text };
  });
}
