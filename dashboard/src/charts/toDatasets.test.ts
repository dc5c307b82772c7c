import { describe, expect, it } from "vitest";

import { coloursOf } from "../lib/colour";
import { alone } from "./alone";
import { isShown, toDatasets } from "./toDatasets";

const line = { name: "cpu", tags: {}, times: [10, 20, 50], values: [1, null, 3] };
const shown = { before: [], step: 10, dark: false };

describe("datasets", () => {
  it("show missing values and holes as gaps", () => {
    expect(toDatasets({ ...shown, lines: [line] })[0]?.data).toEqual([
      { x: 10, y: 1 },
      { x: 20, y: Number.NaN },
      { x: 30, y: Number.NaN },
      { x: 50, y: 3 },
    ]);
  });

  it("fill the area under a single line only", () => {
    expect(toDatasets({ ...shown, lines: [line] })[0]?.fill).toBe(true);
    expect(toDatasets({ ...shown, lines: [line, { ...line, tags: { a: "1" } }] }).map((set) => set.fill)).toEqual([false, false]);
  });

  it("of the period before are pale and dashed, in the same colour, and only where there is one now", () => {
    const colour = coloursOf(["cpu"], false).get("cpu") ?? "";
    const gone = { ...line, tags: { a: "gone" } };
    const [now, before, ...rest] = toDatasets({ ...shown, lines: [line], before: [line, gone] });
    expect(rest).toEqual([]);
    expect([before?.label, before?.borderDash, before?.fill]).toEqual(["cpu, before", [4, 3], false]);
    expect([now?.borderColor, before?.borderColor]).toEqual([colour, `${colour}80`]);
  });

  it("fill the band between the least and the greatest values instead, which no tooltip lists", () => {
    const band = { least: { ...line, values: [0, null, 2] }, greatest: { ...line, values: [5, null, 9] } };
    const found = toDatasets({ ...shown, lines: [line], band });
    expect(found.map((set) => [set.label, set.fill, isShown(set)])).toEqual([
      ["cpu", false, true],
      ["cpu, least", false, false],
      ["cpu, greatest", "-1", false],
    ]);
    expect(found[2]?.data.map((point) => point.y)).toEqual([5, Number.NaN, Number.NaN, 9]);
  });

  it("keep the points that were drawn before, with the values of now", () => {
    const drawn = toDatasets({ ...shown, lines: [line] });
    const [before] = drawn.map(({ data }) => [...data]);
    const later = { ...line, times: [20, 50, 60], values: [2, 4, 5] };
    const [now] = toDatasets({ ...shown, lines: [later] }, drawn).map(({ data }) => data);
    expect(now).toEqual([
      { x: 20, y: 2 },
      { x: 30, y: Number.NaN },
      { x: 50, y: 4 },
      { x: 60, y: 5 },
    ]);
    expect([now?.[0], now?.[2]].map((point, i) => point === before?.[[1, 3][i] ?? 0])).toEqual([true, true]);
    const alike = toDatasets({ ...shown, lines: [later] });
    expect(alike.map(({ data }) => data)).toEqual([now]);
  });

  it("have options for all of their points at once: one for each would be resolved one by one", () => {
    const found = toDatasets({ ...shown, lines: [{ ...line, times: [10], values: [1] }, line], before: [line] });
    expect(found.map((set) => set.pointRadius)).toEqual([0, 0, 0]);
  });
});

describe("values that stand alone", () => {
  const points = (...drawn: boolean[]) => drawn.map((is, i) => ({ x: i, y: 1, skip: !is }));

  it("are those between two gaps", () => {
    expect(alone(points(true)).map(({ x }) => x)).toEqual([0]);
    expect(alone(points(true, false, true, true, false, true)).map(({ x }) => x)).toEqual([0, 5]);
    expect(alone(points(true, true))).toEqual([]);
    expect(alone(points(false))).toEqual([]);
  });
});
