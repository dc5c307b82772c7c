import { expect, it } from "vitest";

import { fieldOf, readLimit, readLimits } from "./limits";

it("shows a limit only where it is the application's own", () => {
  expect(fieldOf({ limit: 500, own: true })).toBe("500");
  expect(fieldOf({ limit: 10_000, own: false })).toBe("");
});

it("reads an empty field as the server's limit, and tells what is none", () => {
  expect(readLimit("  ", true)).toBeNull();
  expect(readLimit("500", true)).toBe(500);
  expect(readLimit("0.5", false)).toBe(0.5);
  for (const text of ["0", "-1", "many", "Infinity"]) expect(readLimit(text, false)).toBeUndefined();
  expect(readLimit("1.5", true)).toBeUndefined();
});

it("sends no limits while one of them cannot be read", () => {
  expect(readLimits("500", "", "2.5")).toEqual({ max_series: 500, max_rows_per_second: null, max_lines_per_second: 2.5 });
  expect(readLimits("500", "soon", "")).toBeNull();
});
