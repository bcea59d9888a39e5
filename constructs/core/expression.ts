import { Token } from "cdktf";

/** A value inside of an expression: what another resource gives is not in quotes. */
export const expression = (value: string): string => (Token.isUnresolved(value) ? value : JSON.stringify(value));
