import { describe, expect, it } from "vitest";

import { bars, fullest, selected, total } from "./bars";

const found = { start: 1000, step: 10, counts: { DEBUG: [0, 0], INFO: [3, 1], WARN: [0, 0], ERROR: [1, 0] } };
const ALL = ["ERROR", "WARN", "INFO", "DEBUG"];

describe("the histogram of log lines", () => {
  it("stacks levels, errors at the bottom, as high as the fullest bucket", () => {
    const made = bars(found, ALL);
    expect(made.map(({ level, bucket }) => [level, bucket])).toEqual([["ERROR", 0], ["INFO", 0], ["INFO", 1]]);
    expect(made.map(({ y, height }) => [y, height])).toEqual([[0.75, 0.25], [0, 0.75], [0.75, 0.25]]);
  });

  it("leaves out levels that are not shown", () => {
    expect(fullest(found, ["INFO"])).toBe(3);
    expect(bars(found, ["ERROR"]).map(({ height }) => height)).toEqual([1]);
  });

  it("counts a level over the whole range", () => {
    expect([total(found, "INFO"), total(found, "DEBUG"), total(undefined, "INFO")]).toEqual([4, 0, 0]);
  });

  it("selects whole buckets, in whichever direction one drags", () => {
    expect(selected(found, 0.1, 0.2)).toEqual({ start: 1000, end: 1010 });
    expect(selected(found, 0.9, 0.1)).toEqual({ start: 1000, end: 1020 });
    expect(selected(found, -1, 2)).toEqual({ start: 1000, end: 1020 });
  });
});
