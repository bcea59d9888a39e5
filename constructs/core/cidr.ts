import { Fn, Token } from "cdktf";
import { Address4 } from "ip-address";

/** An IPv4 block such as `10.240.0.0/24`. Parsed strictly: a block with host bits set is a mistake, not a block. */
export class Cidr {
  private constructor(
    private readonly first: bigint,
    /** Length of the network part, 0 to 32. */
    readonly prefix: number,
  ) {}

  /**
   * @throws Error when `text` is no IPv4 CIDR or has host bits set; the message names the block that was probably meant.
   */
  static parse(text: string): Cidr {
    const problem = cidrProblem(text);
    if (problem !== undefined) throw new Error(problem);
    const address = new Address4(text);
    return new Cidr(address.startAddress().bigInt(), address.subnetMask);
  }

  /** The address `index` after the network address: `host(10)` of 10.240.0.0/24 is 10.240.0.10. */
  host(index: number): string {
    if (index < 0 || BigInt(index) >= this.size) throw new Error(`address ${index} is outside ${this.toString()}`);
    return Address4.fromBigInt(this.first + BigInt(index)).correctForm();
  }

  /** The `index`th block of length `prefix` inside this one: `subnet(24, 1)` of 10.200.0.0/16 is 10.200.1.0/24. */
  subnet(prefix: number, index: number): Cidr {
    const size = 1n << BigInt(32 - prefix);
    const first = this.first + size * BigInt(index);
    if (prefix < this.prefix || index < 0 || first >= this.first + this.size)
      throw new Error(`/${prefix} number ${index} is outside ${this.toString()}`);
    return new Cidr(first, prefix);
  }

  overlaps(other: Cidr): boolean {
    return this.first < other.first + other.size && other.first < this.first + this.size;
  }

  contains(address: string): boolean {
    const value = new Address4(address).bigInt();
    return value >= this.first && value < this.first + this.size;
  }

  /** How many addresses the block has. */
  get size(): bigint {
    return 1n << BigInt(32 - this.prefix);
  }

  toString(): string {
    return `${Address4.fromBigInt(this.first).correctForm()}/${this.prefix}`;
  }
}

/** `Cidr.host` of a block that maybe only Terraform knows, which then counts itself. */
export const hostOf = (block: string, index: number): string =>
  Token.isUnresolved(block) ? Token.asString(Fn.cidrhost(block, index)) : Cidr.parse(block).host(index);

/** What is wrong with `text` as a CIDR, or undefined when nothing is. */
export function cidrProblem(text: string): string | undefined {
  if (!/^[0-9.]+\/\d+$/.test(text) || !Address4.isValid(text)) return `'${text}' is no IPv4 CIDR such as 10.0.0.0/16`;
  const address = new Address4(text);
  const start = address.startAddress().correctForm();
  if (start !== address.correctForm())
    return `'${text}' has host bits set; did you mean '${start}/${address.subnetMask}'?`;
  return undefined;
}
