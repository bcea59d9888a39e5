/** How components say that they do not know a field of their configuration, where they start all the same. */
export const STRICT = /lenient decoding|strict decoding error|Ignoring unknown key/;

const COMPLAINTS = [
  STRICT.source,
  "Flag --[a-z-]+ has been deprecated",
  "unrecognized environment variable",
  // F-01, F-02
  "propagate object cache",
  "cannot patch .*pods/status",
];

/**
 * What these units of a machine have complained of since it booted.
 *
 * @throws Error for a unit that has said nothing at all, of which this would say that it is well.
 */
export function complaints(units: readonly string[], on: (command: string) => string): string[] {
  const journal = (unit: string): string => `sudo journalctl --quiet --no-pager --output=cat --unit=${unit}`;
  const silent = units.filter((unit) => on(`${journal(unit)} --lines=1`) === "");
  if (silent.length > 0) throw new Error(`nothing is in the journal of ${silent.join(", ")}`);
  const matching = units.map((unit) => `${journal(unit)} | grep -E '${COMPLAINTS.join("|")}' | sed 's/^/${unit}: /'`);
  return on(matching.join("; "))
    .split("\n")
    .filter((line) => line !== "");
}
