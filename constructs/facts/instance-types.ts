import { distance } from "../core/distance";
import table from "./instance-types.json";

/** What a type of EC2 has, as far as a node cares. */
export interface InstanceType {
  readonly name: string;
  readonly vcpus: number;
  readonly memoryMiB: number;
  /** Network interfaces that its first network card takes. */
  readonly networkInterfaces: number;
  /** IPv4 addresses of each. */
  readonly addressesPerInterface: number;
  readonly architecture: "x86_64" | "arm64";
  /** Whether prefixes can be given to its interfaces, and not addresses alone. */
  readonly nitro: boolean;
}

let types: ReadonlyMap<string, InstanceType> | undefined;

/** Every type by its name, read from its lines when first asked for. */
export function instanceTypes(): ReadonlyMap<string, InstanceType> {
  types ??= new Map(
    table.types.map((line) => {
      const [name = "", vcpus, memory, interfaces, addresses, architecture, hypervisor] = line.split(" ");
      return [
        name,
        {
          name,
          vcpus: Number(vcpus),
          memoryMiB: Number(memory),
          networkInterfaces: Number(interfaces),
          addressesPerInterface: Number(addresses),
          architecture: architecture as InstanceType["architecture"],
          nitro: hypervisor === "nitro",
        },
      ];
    }),
  );
  return types;
}

/** The names of at most three types that are meant perhaps: a typing error away, or of the same family or size. */
export function nearTypes(name: string): string[] {
  const far = (type: string): number => distance(name, type);
  return [...instanceTypes().keys()]
    .map((type) => ({ type, far: far(type) }))
    .sort((a, b) => a.far - b.far || (a.type < b.type ? -1 : 1))
    .slice(0, 3)
    .map(({ type }) => type);
}
