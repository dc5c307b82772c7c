import { expect, it } from "vitest";

import { sparkPath } from "./sparkline";

it("draws a line from left to right", () => {
  expect(sparkPath([0, 50, 100], [0, 50, 100], 0, 100, 100)).toBe("M0.0 27.0L50.0 14.5L100.0 2.0");
});

it("lifts the pen at a gap, and shows a value that stands alone", () => {
  expect(sparkPath([0, 50, 100], [0, null, 100], 0, 100, 100)).toBe("M0.0 27.0h-1.5M100.0 2.0h-1.5");
});

it("draws nothing without values", () => {
  expect(sparkPath([0], [null], 0, 100, 100)).toBe("");
});
