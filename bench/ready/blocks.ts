/** The pods' block of a machine: a worker's is the one that the library gives it, a controller's lies far from those. */
export function podBlock(machine: string): string {
  const number = Number(machine.replace(/^.*-/, ""));
  return `10.200.${machine.startsWith("controller") ? 100 + number : number}.0/24`;
}
