import { PLACES, remedies } from "../support/troubleshooting";

const all = remedies();

test.each(all)("$heading: says cause and cure, and has one command that runs somewhere", ({ place, text }) => {
  expect(Object.values(PLACES).flat()).toContain(place);
  expect(text).toMatch(/^Cause: /m);
  expect(text).toContain("Cure: ");
  expect(text.match(/^```sh /gm)).toHaveLength(1);
});

test("there is one heading for each failure that the authors hit, and for those left behind that one can meet (FT-96)", () => {
  const ids = all.map(({ heading }) => /^((?:F|LD)-\d\d): /.exec(heading)?.[1] ?? heading).sort();
  const failures = Array.from({ length: 35 }, (_, index) => `F-${String(index + 1).padStart(2, "0")}`);

  expect(ids).toEqual([
    ...failures,
    ...["LD-01", "LD-02", "LD-03", "LD-06", "LD-10", "LD-11", "LD-12", "LD-14", "LD-15"],
  ]);
});
