import { describe, expect, it } from "vitest";

import { defaultAggregation, groupMetrics, metricsOf } from "./metrics";

const series = [
  { name: "runtime.threads", kind: "gauge", tags: {}, host: "a" },
  { name: "orders", kind: "counter", tags: { shop: "oslo" }, host: "a" },
  { name: "orders", kind: "counter", tags: { env: "prod" }, host: "b" },
  { name: "memory_percent", kind: "gauge", tags: {}, host: "a" },
  { name: "cpu_percent", kind: "gauge", tags: {}, host: "a" },
  { name: "http.request", kind: "timing", tags: { route: "/" }, host: "a" },
] as const;

describe("metrics", () => {
  it("know the tags they can be grouped by, and the host where there are several", () => {
    expect(metricsOf(series).find((metric) => metric.name === "orders")?.tags).toEqual(["env", "host", "shop"]);
    expect(metricsOf(series).find((metric) => metric.name === "http.request")?.tags).toEqual(["route"]);
  });

  it("stand in the order a person expects", () => {
    const groups = groupMetrics(metricsOf(series), "");
    expect(groups.map((group) => group.title)).toEqual(["system", "application", "http", "runtime"]);
    expect(groups[0]?.metrics.map((metric) => metric.name)).toEqual(["cpu_percent", "memory_percent"]);
    expect(groups.map((group) => group.open)).toEqual([true, true, true, false]);
  });

  it("are found by every word of a search, and then shown", () => {
    const groups = groupMetrics(metricsOf(series), "THREADS run");
    expect(groups.map((group) => [group.title, group.open])).toEqual([["runtime", true]]);
  });

  it("begin with the aggregation that says most", () => {
    expect(metricsOf(series).map(defaultAggregation)).toEqual(["avg", "rate", "avg", "avg", "p95"]);
  });
});
