import { remedies } from "../support/troubleshooting";

const all = remedies();

test.each(all)("$heading: says cause and cure, and has one command that runs somewhere", ({ place, text }) => {
  expect(["controller", "worker", "operator", "eks-node", "eks-operator"]).toContain(place);
  expect(text).toMatch(/^Cause: /m);
  expect(text).toContain("Cure: ");
  expect(text.match(/^```sh /gm)).toHaveLength(1);
});

test("there is a heading for each failure that a user can meet", () => {
  const ids = all.flatMap(({ heading }) => /^((?:F|LD)-\d\d(?:, )?)+/.exec(heading)?.[0].split(", ") ?? []).sort();
  const failures = Array.from({ length: 17 }, (_, index) => `F-${String(index + 1).padStart(2, "0")}`);

  const eks = ["F-23", "F-24", "F-25", "F-26", "F-27"];
  expect(ids).toEqual([
    ...failures,
    ...eks,
    "F-28",
    ...["LD-01", "LD-02", "LD-03", "LD-10", "LD-11", "LD-14", "LD-15"],
  ]);
});
