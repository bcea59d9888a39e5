import { PLACES, remedies } from "../support/troubleshooting";

const all = remedies();

test.each(all)("$heading: says cause and cure, and has one command that runs somewhere", ({ place, text }) => {
  expect(Object.values(PLACES).flat()).toContain(place);
  expect(text).toMatch(/^Cause: /m);
  expect(text).toContain("Cure: ");
  expect(text.match(/^```sh /gm)).toHaveLength(1);
});

test("there is one heading for each failure that the authors hit, and for each that they left behind (FT-96)", () => {
  const ids = all.map(({ heading }) => /^((?:F|LD)-\d\d): /.exec(heading)?.[1] ?? heading).sort();
  const numbered = (prefix: string, count: number): string[] =>
    Array.from({ length: count }, (_, index) => `${prefix}-${String(index + 1).padStart(2, "0")}`);

  expect(ids).toEqual([...numbered("F", 35), ...numbered("LD", 15)]);
});
