import { describe, expect, it } from "vitest";

import { barStep, bounds, carried, carriedAt, DEFAULT_RANGE, previous, readRange, shifted, stepFor, writeRange } from "./range";

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
    expect(readRange(new URLSearchParams("last=Infinity"))).toEqual(DEFAULT_RANGE);
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

describe("the buckets of a histogram", () => {
  it.each([
    [20, 1],
    [300, 5],
    [3600, 60],
  ])("of %d seconds last %d", (seconds, step) => {
    expect(barStep({ kind: "last", seconds })).toBe(step);
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

describe("a link to another page", () => {
  it("takes application, host and time along, and leaves the rest", () => {
    expect(carried("app=shop&host=a&last=900&q=orders&agg.x=p99", { q: "level:error" })).toBe(
      "app=shop&host=a&last=900&q=level%3Aerror",
    );
  });

  it("may be about another time", () => {
    expect(carriedAt("app=shop&last=900", 10.4, 20.6)).toBe("app=shop&start=10&end=21");
  });
});

describe("the previous period", () => {
  it("is as long, ends where this one begins, and lies on whole steps", () => {
    expect(previous({ kind: "last", seconds: 3600 }, 10, 10_003)).toEqual({ kind: "fixed", start: 2800, end: 6400 });
    expect(previous({ kind: "fixed", start: 200, end: 300 }, 10, 999)).toEqual({ kind: "fixed", start: 100, end: 200 });
  });
});
