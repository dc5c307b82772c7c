import { describe, expect, it } from "vitest";

import { formatAgo, formatDuration, formatLogTime, formatUtc, formatValue, timeTicks, unitOf, valueStep } from "./format";

describe("values", () => {
  it.each([
    [12.5, "percent", "12.5 %"],
    [0, "percent", "0 %"],
    [1536, "bytes", "1.5 KiB"],
    [8_589_934_592, "bytes", "8 GiB"],
    [0.0213, "seconds", "21.3 ms"],
    [1234, "perSecond", "1.23 k/s"],
    [42, "plain", "42"],
    [0.001234, "plain", "0.00123"],
    [-2500, "plain", "−2.5 k"],
  ] as const)("%d as %s reads %s", (value, unit, text) => {
    expect(formatValue(value, unit)).toBe(text);
  });

  it("shows a missing value as a dash", () => {
    expect(formatValue(null, "plain")).toBe("–");
    expect(formatValue(Number.NaN, "bytes")).toBe("–");
  });
});

describe("units", () => {
  it.each([
    ["cpu_percent", "gauge", "avg", "percent"],
    ["memory_used", "gauge", "avg", "bytes"],
    ["net.bytes_total", "gauge", "last", "bytes"],
    ["http.request", "timing", "p99", "seconds"],
    ["http.request", "timing", "count", "plain"],
    ["orders", "counter", "rate", "perSecond"],
    ["snake.score", "gauge", "last", "plain"],
  ] as const)("%s (%s, %s) is %s", (name, kind, aggregation, unit) => {
    expect(unitOf(name, kind, aggregation)).toBe(unit);
  });
});

describe("steps of a value axis", () => {
  it.each([
    [97, "percent", 20],
    [3 * 1024 ** 3, "bytes", 1024 ** 3],
    [800 * 1024 ** 2, "bytes", 200 * 1024 ** 2],
    [0.021, "seconds", 0.005],
  ] as const)("up to %d %s are %d", (top, unit, step) => {
    expect(valueStep(top, unit, 5)).toBeCloseTo(step, 9);
  });
});

describe("times", () => {
  it.each([
    [5e-7, "500 ns"],
    [1.5e-5, "15 µs"],
    [90, "90 s"],
    [600, "10 min"],
    [86_400 * 3, "3 d"],
  ])("%d s reads %s", (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });

  it("tells log lines of one second apart", () => {
    expect(formatLogTime(1_763_900_003.25)).toMatch(/:23\.250$/);
    expect(formatLogTime(1_763_900_003)).toMatch(/:23\.000$/);
  });

  it("names UTC beside local time", () => {
    expect(formatUtc(1_763_900_003)).toBe("2025-11-23 12:13:23 UTC");
  });

  it("puts ticks on round times, no more than asked for", () => {
    const ticks = timeTicks(1_763_900_003, 1_763_903_603, 6);
    expect(ticks.length).toBeLessThanOrEqual(7);
    expect(ticks.every((tick) => tick % 600 === 0)).toBe(true);
  });
});

describe("ages", () => {
  it.each([
    [2, "now"],
    [71.4, "71 s ago"],
    [3599, "60 min ago"],
    [90_000, "25 h ago"],
    [-86_400 * 3, "in 3 d"],
  ] as const)("%d seconds read %s", (seconds, text) => {
    expect(formatAgo(seconds)).toBe(text);
  });
});
