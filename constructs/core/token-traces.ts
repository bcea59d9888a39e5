/* eslint-disable @typescript-eslint/unbound-method -- what is taken from Error is put back there */

/**
 * Runs `make` without the stack trace that cdktf writes for every token it makes, by far the most of what a token costs.
 * Errors keep theirs.
 */
export function withoutTokenTraces<Made>(make: () => Made): Made {
  const kept = Error.prepareStackTrace;
  Error.prepareStackTrace = (holder, sites): unknown => {
    if (!(holder instanceof Error)) return "";
    // The second is how V8 writes it.
    return kept?.call(Error, holder, sites) ?? [holder.toString(), ...sites.map(place)].join("\n    at ");
  };
  try {
    return make();
  } finally {
    Error.prepareStackTrace = kept;
  }
}

const place = (site: { toString(): string }): string => site.toString();
