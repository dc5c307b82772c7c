import { describe, expect, it } from "vitest";

import { withNewer, withOlder } from "./logList";

const list = (ids: number[], next: string | null = null) => ({ key: "k", lines: ids.map((id) => ({ id })), next });
const ids = (of: { lines: readonly { id: number }[] }): number[] => of.lines.map((line) => line.id);

describe("the lines of a search", () => {
  it("take what is new on top, newest first, each once", () => {
    expect(ids(withNewer(list([3, 1]), [{ id: 4 }, { id: 5 }, { id: 5 }, { id: 3 }]))).toEqual([5, 4, 3, 1]);
    const same = list([3, 1]);
    expect(withNewer(same, [{ id: 3 }, { id: 1 }])).toBe(same);
    expect(ids(withNewer(list([]), [{ id: 1 }, { id: 2 }]))).toEqual([2, 1]);
  });

  it("take what was missed in its place, also when newer lines have come before it", () => {
    expect(ids(withNewer(list([9, 3, 1]), [{ id: 4 }, { id: 5 }, { id: 9 }]))).toEqual([9, 5, 4, 3, 1]);
  });

  it("take the next page at the end, each line once", () => {
    const both = withOlder(list([5, 4, 3], "3"), list([3, 2, 1], "1"));
    expect([ids(both), both.next]).toEqual([[5, 4, 3, 2, 1], "1"]);
  });

  it("let the oldest go when there are too many, and know where to go on", () => {
    const full = withNewer(list([3, 2, 1]), [{ id: 4 }, { id: 5 }], 3);
    expect([ids(full), full.next]).toEqual([[5, 4, 3], "3"]);
  });
});
