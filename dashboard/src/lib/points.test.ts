import { describe, expect, it } from "vitest";

import { coloursOf } from "./colour";
import { greatest, later, lineKey, mergePoints, summarise } from "./points";

const history = [{ name: "orders", tags: { shop: "oslo" }, times: [10, 20, 30], values: [1, null, 3] }];

describe("merging live points", () => {
  it("replaces the value of a time and appends new times", () => {
    const live = [{ name: "orders", tags: { shop: "oslo" }, times: [30, 40], values: [4, 5] }];
    expect(mergePoints(history, live, 0)).toEqual([
      { name: "orders", tags: { shop: "oslo" }, times: [10, 20, 30, 40], values: [1, null, 4, 5] },
    ]);
  });

  it("does not wipe out a value with an empty bucket", () => {
    const live = [{ name: "orders", tags: { shop: "oslo" }, times: [30, 40], values: [null, null] }];
    expect(mergePoints(history, live, 0)[0]?.values).toEqual([1, null, 3, null]);
  });

  it("adds lines that were not there, and is the same when a message comes twice", () => {
    const live = [{ name: "orders", tags: { shop: "bergen" }, times: [40], values: [7] }];
    const once = mergePoints(history, live, 0);
    expect(once.map(lineKey)).toEqual(["orders{shop=oslo}", "orders{shop=bergen}"]);
    expect(mergePoints(once, live, 0)).toEqual(once);
  });

  it("puts a late point where it belongs", () => {
    const late = [{ name: "orders", tags: { shop: "oslo" }, times: [5, 15, 20], values: [9, 8, 7] }];
    expect(mergePoints(history, late, 0)[0]).toMatchObject({ times: [5, 10, 15, 20, 30], values: [9, 1, 8, 7, 3] });
  });

  it("lets points go that the range has left behind", () => {
    expect(mergePoints(history, [], 25)[0]?.times).toEqual([30]);
    expect(mergePoints(history, [], 99)[0]?.times).toEqual([]);
  });
});

describe("a line", () => {
  it("is named by its sorted tags", () => {
    expect(lineKey({ name: "a", tags: { z: "1", b: "2" } })).toBe("a{b=2,z=1}");
  });

  it("is summed up without its gaps", () => {
    expect(summarise({ name: "a", tags: {}, times: [1, 2, 3], values: [1, null, 3] })).toEqual({
      last: 3,
      average: 2,
      max: 3,
    });
  });

  it("keeps its colour on every chart, and never shares it on one", () => {
    const keys = ["a", "b", "c", "d", "e", "f", "g", "h"];
    expect(coloursOf(["a"], false).get("a")).toBe(coloursOf(keys, false).get("a"));
    expect(new Set(coloursOf(keys, true).values()).size).toBe(8);
    expect(coloursOf([...keys].reverse(), false)).toEqual(coloursOf(keys, false));
  });
});

describe("many lines", () => {
  const lines = [3, 9, 1, 7].map((value) => ({ name: `n${value}`, tags: {}, times: [1], values: [value] }));

  it("are those with the greatest values, in their order", () => {
    expect(greatest(lines, 2).map((line) => line.name)).toEqual(["n9", "n7"]);
    expect(greatest(lines, 4)).toBe(lines);
  });

  it("can be moved in time to lie over one another", () => {
    expect(lines.slice(0, 1).map((line) => later(line, 60).times)).toEqual([[61]]);
  });
});
