import { describe, expect, it } from "vitest";

import { labelledRows, rowsOf, shades, spotAt } from "./heat";

const found = { times: [100, 110], bounds: [0.001, 0.002, 0.004], counts: [[16, 4], [0, 0]] };

describe("a heat map", () => {
  it("shows few values beside many", () => {
    expect(shades(found)).toEqual([1, 0.5, 0, 0]);
    expect(rowsOf(found)).toBe(2);
  });

  it("says what lies at a place, and nothing where nothing is drawn", () => {
    expect(spotAt(found, 10, 105, 1)).toEqual({ time: 100, from: 0.002, to: 0.004, count: 4, share: 0.2 });
    expect(spotAt(found, 10, 112, 0)).toMatchObject({ count: 0, share: 0 });
    expect(spotAt(found, 10, 99, 0)).toBeNull();
    expect(spotAt(found, 10, 120, 0)).toBeNull();
    expect(spotAt({ times: [], bounds: [], counts: [] }, 10, 120, 0)).toBeNull();
  });

  it("names some rows", () => {
    expect(labelledRows({ ...found, bounds: Array.from({ length: 11 }, (_, i) => i) }, 4)).toEqual([0, 3, 6, 9]);
  });
});
