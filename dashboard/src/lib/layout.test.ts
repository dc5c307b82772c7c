import { describe, expect, it } from "vitest";

import { changed, moved, readLayout, withChart, withoutChart } from "./layout";

const layout = [{ name: "a" }, { name: "b", agg: "p99" }, { name: "c" }];
const names = (of: readonly { name: string }[]): string[] => of.map((chart) => chart.name);

describe("a layout", () => {
  it("takes a chart once, and lets it go", () => {
    expect(names(withChart(layout, { name: "d" }))).toEqual(["a", "b", "c", "d"]);
    expect(withChart(layout, { name: "b" })).toBe(layout);
    expect(names(withoutChart(layout, "b"))).toEqual(["a", "c"]);
  });

  it("moves a chart by one place, and stops at the ends", () => {
    expect(names(moved(layout, "b", -1))).toEqual(["b", "a", "c"]);
    expect(names(moved(layout, "b", 1))).toEqual(["a", "c", "b"]);
    expect(moved(layout, "a", -1)).toBe(layout);
  });

  it("keeps how a chart is shown", () => {
    expect(changed(layout, "b", { wide: true })[1]).toEqual({ name: "b", agg: "p99", wide: true });
  });

  it("is empty where what was kept cannot be read", () => {
    expect(readLayout(null)).toEqual([]);
    expect(readLayout("{")).toEqual([]);
    expect(readLayout('{"name":"a"}')).toEqual([]);
    expect(readLayout('[{"name":"a"},3,null,{"nom":"b"}]')).toEqual([{ name: "a" }]);
  });
});
