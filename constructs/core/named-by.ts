import { Token } from "cdktf";
import { numbered } from "./numbered";

/**
 * An id by the address or block that something is for, which stays when others go; by its place where Terraform alone knows
 * the address.
 */
export function namedBy(name: string, address: string, index: number): string {
  return Token.isUnresolved(address) ? numbered(name, index) : `${name}-${address.replaceAll(/[./]/g, "-")}`;
}
