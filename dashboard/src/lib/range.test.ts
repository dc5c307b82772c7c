import { describe, expect, it } from "vitest";

import { bounds, DEFAULT_RANGE, readRange, shifted, stepFor, writeRange } from "./range";

describe("a range in the URL", () => {
  it("comes back as it was written", () => {
    for (const range of [{ kind: "last", seconds: 86_400 }, { kind: "fixed", start: 1000, end: 5000 }] as const) {
      expect(readRange(writeRange(new URLSearchParams("app=shop"), range))).toEqual(range);
    }
  });

  it("keeps the other parameters and drops the old range", () => {
    const written = writeRange(new URLSearchParams("app=shop&start=1&end=2"), { kind: "last", seconds: 60 });
    expect(written.toString()).toBe("app=shop&last=60");
  });

  it("falls back to the default where it makes no sense", () => {
    expect(readRange(new URLSearchParams("start=9&end=3"))).toEqual(DEFAULT_RANGE);
    expect(readRange(new URLSearchParams("last=banana"))).toEqual(DEFAULT_RANGE);
  });
});

describe("the step", () => {
  it.each([
    [3600, 10],
    [86_400, 300],
    [7 * 86_400, 1800],
  ])("of %d seconds is %d", (seconds, step) => {
    expect(stepFor({ kind: "last", seconds })).toBe(step);
  });
});

describe("stepping through time", () => {
  it("goes back by the range's length", () => {
    expect(shifted({ kind: "last", seconds: 100 }, -1, 1000)).toEqual({ kind: "fixed", start: 800, end: 900 });
  });

  it("never goes beyond now", () => {
    expect(shifted({ kind: "fixed", start: 850, end: 950 }, 1, 1000)).toEqual({ kind: "fixed", start: 900, end: 1000 });
  });

  it("has bounds that follow the clock only for a relative range", () => {
    expect(bounds({ kind: "last", seconds: 10 }, 100)).toEqual({ start: 90, end: 100 });
    expect(bounds({ kind: "fixed", start: 1, end: 2 }, 100)).toEqual({ start: 1, end: 2 });
  });
});
