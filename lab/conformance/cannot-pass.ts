/** Conformance specs that cannot pass in the lab because of the lab, and would on AWS; each with the reason. */
export const cannotPass: readonly { readonly name: string; readonly reason: string }[] = [];
