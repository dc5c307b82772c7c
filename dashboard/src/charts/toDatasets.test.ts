import { describe, expect, it } from "vitest";

import { coloursOf } from "../lib/colour";
import { toDatasets } from "./toDatasets";

const line = { name: "cpu", tags: {}, times: [10, 20, 50], values: [1, null, 3] };

describe("datasets", () => {
  it("show missing values and holes as gaps", () => {
    expect(toDatasets([line], [], 10, false)[0]?.data).toEqual([
      { x: 10, y: 1 },
      { x: 20, y: Number.NaN },
      { x: 30, y: Number.NaN },
      { x: 50, y: 3 },
    ]);
  });

  it("fill the area under a single line only", () => {
    expect(toDatasets([line], [], 10, false)[0]?.fill).toBe(true);
    expect(toDatasets([line, { ...line, tags: { a: "1" } }], [], 10, false).map((set) => set.fill)).toEqual([false, false]);
  });

  it("of the period before are pale and dashed, in the same colour, and only where there is one now", () => {
    const colour = coloursOf(["cpu"], false).get("cpu") ?? "";
    const gone = { ...line, tags: { a: "gone" } };
    const [now, before, ...rest] = toDatasets([line], [line, gone], 10, false);
    expect(rest).toEqual([]);
    expect([before?.label, before?.borderDash, before?.fill]).toEqual(["cpu, before", [4, 3], false]);
    expect([now?.borderColor, before?.borderColor]).toEqual([colour, `${colour}80`]);
  });

  it("mark a value that stands alone", () => {
    expect(toDatasets([{ ...line, times: [10], values: [1] }], [], 10, false)[0]?.pointRadius).toEqual([2]);
    const sparse = { ...line, times: [10, 20, 30, 40, 50], values: [1, null, 2, 3, null] };
    expect(toDatasets([sparse], [], 10, false)[0]?.pointRadius).toEqual([2, 0, 0, 0, 0]);
    const far = { ...line, times: [10, 90], values: [1, 2] };
    expect(toDatasets([far], [], 10, false)[0]?.pointRadius).toEqual([2, 0, 2]);
  });
});
