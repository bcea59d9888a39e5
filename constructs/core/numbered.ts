/** The first of several keeps the plain name, so that one becoming several leaves it as it is. */
export function numbered(name: string, index: number): string {
  return index === 0 ? name : `${name}-${index}`;
}
