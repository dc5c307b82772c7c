import { describe, expect, it } from "vitest";

import { toDatasets } from "./toDatasets";

const line = { name: "cpu", tags: {}, times: [10, 20, 50], values: [1, null, 3] };

describe("datasets", () => {
  it("show missing values and holes as gaps", () => {
    expect(toDatasets([line], 10, false)[0]?.data).toEqual([
      { x: 10, y: 1 },
      { x: 20, y: Number.NaN },
      { x: 30, y: Number.NaN },
      { x: 50, y: 3 },
    ]);
  });

  it("fill the area under a single line only", () => {
    expect(toDatasets([line], 10, false)[0]?.fill).toBe(true);
    expect(toDatasets([line, { ...line, tags: { a: "1" } }], 10, false).map((set) => set.fill)).toEqual([false, false]);
  });

  it("mark a value that stands alone", () => {
    expect(toDatasets([{ ...line, times: [10], values: [1] }], 10, false)[0]?.pointRadius).toEqual([2]);
    const sparse = { ...line, times: [10, 20, 30, 40, 50], values: [1, null, 2, 3, null] };
    expect(toDatasets([sparse], 10, false)[0]?.pointRadius).toEqual([2, 0, 0, 0, 0]);
    const far = { ...line, times: [10, 90], values: [1, 2] };
    expect(toDatasets([far], 10, false)[0]?.pointRadius).toEqual([2, 0, 2]);
  });
});
