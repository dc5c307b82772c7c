import { expect, it } from "vitest";

import { sparkPath } from "./sparkline";

it("draws a line from left to right, and lifts the pen at a gap", () => {
  expect(sparkPath([0, 50, 100], [0, null, 100], 0, 100, 100)).toBe("M0.0 27.0M100.0 2.0");
});

it("draws nothing without values", () => {
  expect(sparkPath([0], [null], 0, 100, 100)).toBe("");
});
