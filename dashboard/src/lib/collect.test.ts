import { describe, expect, it } from "vitest";

import { collect } from "./collect";

/** Seven lines in pages of two. */
function ask(cursor: string | null): Promise<{ logs: number[]; next: string | null }> {
  const from = Number(cursor ?? 0);
  const logs = [0, 1, 2, 3, 4, 5, 6].slice(from, from + 2);
  return Promise.resolve({ logs, next: from + 2 < 7 ? String(from + 2) : null });
}

describe("an export", () => {
  it("has every line, and tells how far it is", async () => {
    const told: number[] = [];
    expect(await collect(ask, (done) => told.push(done))).toEqual({ lines: [0, 1, 2, 3, 4, 5, 6], cut: false });
    expect(told).toEqual([2, 4, 6, 7]);
  });

  it.each([
    [4, [0, 1, 2, 3], true],
    [3, [0, 1, 2], true],
    [7, [0, 1, 2, 3, 4, 5, 6], false],
  ])("of at most %i lines says whether there are more", async (most, lines, cut) => {
    expect(await collect(ask, () => undefined, most)).toEqual({ lines, cut });
  });

  it("fails as a whole", async () => {
    await expect(collect(() => Promise.reject(new Error("away")), () => undefined)).rejects.toThrow("away");
  });
});
