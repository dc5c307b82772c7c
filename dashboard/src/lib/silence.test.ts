import { expect, it } from "vitest";

import { formatTime } from "./format";
import { scopeOf, whenOf } from "./silence";

const ALL = { rule_id: null, app_id: null, severity: null, starts: 0, ends: 7_200, every: null };
const nameOf = (id: number): string => `number ${id}`;

it("says what a silence keeps back", () => {
  expect(scopeOf(ALL, nameOf)).toBe("every rule");
  expect(scopeOf({ ...ALL, severity: "critical", app_id: "shop" }, nameOf)).toBe("every critical rule, of shop");
  expect(scopeOf({ ...ALL, rule_id: 3 }, nameOf)).toBe("number 3");
});

it("says when it lasts", () => {
  expect(whenOf(ALL)).toBe(`${formatTime(0)} – ${formatTime(7_200)}`);
  expect(whenOf({ ...ALL, every: "week" })).toBe(`every week for 2 h, first ${formatTime(0)}`);
});
