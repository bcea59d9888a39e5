import { rulesPage } from "../support/rules-page";
import { page } from "../support/page";

test("docs/rules.md is what the tables of rules say; npm run rules writes it (FT-96, FT-97)", () => {
  expect(page("rules.md")).toBe(rulesPage());
});
