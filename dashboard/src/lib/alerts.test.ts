import { describe, expect, it } from "vitest";

import { around, chartSeconds, conditionOf, incidentsOf, isCompared, isNamed, lengthText, thresholdsOf, watched } from "./alerts";

const CPU = {
  metric_name: "cpu_percent",
  query: null,
  tags: {},
  aggregation: "avg",
  window: 60,
  condition: ">",
  threshold: 80,
};
const LINES = { ...CPU, metric_name: null, query: "level:error pay", aggregation: "count", window: 300, threshold: 20 };

describe("a rule in words", () => {
  it.each([
    [CPU, "avg of cpu_percent over 1 min > 80 %"],
    [{ ...CPU, tags: { host: "web-1", a: "b" }, condition: "<=" }, "avg of cpu_percent a=b host=web-1 over 1 min ≤ 80 %"],
    [{ ...CPU, metric_name: "http", aggregation: "p99", threshold: 0.25 }, "p99 of http over 1 min > 250 ms"],
    [LINES, "lines matching “level:error pay” over 5 min > 20"],
    [{ ...LINES, query: " " }, "log lines over 5 min > 20"],
  ])("%#", (rule, text) => {
    expect(conditionOf(rule)).toBe(text);
  });

  it("tells a name of the server's from a person's", () => {
    expect(isNamed({ ...CPU, name: "avg of cpu_percent over 1 min > 80" })).toBe(false);
    expect(isNamed({ ...LINES, name: "lines matching 'level:error pay' over 5 min > 20" })).toBe(false);
    expect(isNamed({ ...CPU, name: "CPU is busy" })).toBe(true);
  });
});

describe("open incidents", () => {
  const standing = (app: string, since: number | null, acknowledged: number | null = null) => ({
    app,
    since: 5,
    incident_since: since,
    flapping: false,
    acknowledged_at: acknowledged,
  });
  const rules = [
    { applications: [standing("shop", 10), standing("snake", null)] },
    { applications: [standing("snake", 30, 31), standing("shop", 20)] },
  ];

  it("come newest first, those that somebody looks after last", () => {
    expect(incidentsOf(rules, null).map((one) => [one.standing.app, one.since])).toEqual([
      ["shop", 20],
      ["shop", 10],
      ["snake", 30],
    ]);
  });

  it("stay while a source flaps, also when it is well for a moment", () => {
    const flapping = { ...standing("shop", null), since: 15, flapping: true };
    expect(incidentsOf([...rules, { applications: [flapping] }], "shop").map((one) => one.since)).toEqual([20, 15, 10]);
  });

  it("are those of one application where one is chosen", () => {
    expect(incidentsOf(rules, "snake").map((one) => one.since)).toEqual([30]);
  });
});

describe("thresholds on a chart", () => {
  const chart = { app: "shop", name: "cpu_percent", aggregation: "max", step: 10, unit: "percent" as const };
  const rule = { ...CPU, app_id: null, enabled: true };

  it("are drawn where the values are of one kind", () => {
    expect(thresholdsOf([rule], chart)).toEqual([{ value: 80, label: "> 80 %" }]);
    expect(thresholdsOf([rule], { ...chart, aggregation: "sum" })).toEqual([]);
  });

  it("depend on no value that is judged", () => {
    expect(watched({ ...rule, value: 3, evaluated_at: 9 } as typeof rule)).toEqual(rule);
  });

  it("are those of this application, of this metric, and of rules that are on", () => {
    const others = [
      { ...rule, app_id: "snake" },
      { ...rule, enabled: false },
      { ...rule, metric_name: "queue" },
    ];
    expect(thresholdsOf(others, chart)).toEqual([]);
  });

  it("of sums and counts need the same window, of rates do not", () => {
    const sum = { ...rule, aggregation: "sum" };
    expect(thresholdsOf([sum], { ...chart, aggregation: "sum" })).toEqual([]);
    expect(thresholdsOf([sum], { ...chart, aggregation: "sum", step: 60 })).toHaveLength(1);
    expect(thresholdsOf([{ ...rule, aggregation: "rate" }], { ...chart, aggregation: "rate" })).toHaveLength(1);
  });
});

it("shows the time around an incident, not the future", () => {
  expect(around(10_000, 60, 10_100)).toEqual({ start: 9_100, end: 10_100 });
  expect(around(10_000, 600, 99_999)).toEqual({ start: 8_200, end: 11_800 });
  expect(around(10_000, 60, 9_990).end).toBe(10_060);
});

it("gives a small chart an hour, or thirty windows", () => {
  expect(chartSeconds(60)).toBe(3_600);
  expect(chartSeconds(3_600)).toBe(108_000);
});

it("says a length in the largest unit that divides it", () => {
  expect([10, 60, 90, 3_600, 86_400, 90_000].map(lengthText)).toEqual(["10 s", "1 min", "90 s", "1 h", "1 d", "25 h"]);
});

it("compares totals over whole windows only", () => {
  expect(isCompared(CPU, 10)).toBe(true);
  expect([30, 300].map((apart) => isCompared(LINES, apart))).toEqual([false, true]);
});
