import { CIS_CONTROLS } from "../scripts/support/cis-controls";
import { howOf } from "../scripts/support/cis-facts";
import { page, tableUnder } from "../support/page";
import { CHECKOV_SKIPS } from "../terraform/checkov-skips";

// The tables of the page are those that the tests go by.
const security = page("security.md");

test("docs/security.md has each control of CIS 1.12 with how it is met, or why it is not", () => {
  expect(tableUnder(security, "CIS Kubernetes Benchmark 1.12")).toEqual(
    CIS_CONTROLS.map((control) => [control.id, control.kind, control.what, howOf(control)]),
  );
});

test("docs/security.md lists what is off", () => {
  expect(tableUnder(security, "What is off by default")).toEqual(
    CIS_CONTROLS.flatMap(({ id, what, reason }) => (reason === undefined ? [] : [[id, what, reason]])),
  );
});

test("docs/security.md has each skip of checkov with its reason, and no other", () => {
  expect(tableUnder(security, "What checkov is told to skip")).toEqual(Object.entries(CHECKOV_SKIPS));
});
