/**
 * `KEY='value'` lines, read alike by sh and by systemd's EnvironmentFile.
 *
 * @throws Error for a value that cannot be quoted so: one with a single quote or a line break.
 */
export function renderEnv(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => {
      if (/['\r\n]/.test(value))
        throw new Error(`${name} must have no quote and no line break, got ${JSON.stringify(value)}`);
      return `${name}='${value}'\n`;
    })
    .join("");
}
