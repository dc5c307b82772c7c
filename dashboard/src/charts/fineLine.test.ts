import { describe, expect, it } from "vitest";

import { FineLine } from "./fineLine";

/** How a line of this width is stroked on a screen of so many pixels for each of the page's: the widths, and how far below its place. */
function strokes(borderWidth: number, scale: number): [width: number, below: number][] {
  const done: [number, number][] = [];
  let below = 0;
  const context = {
    getTransform: () => ({ a: scale }),
    translate: (_: number, y: number) => (below += y),
    stroke: () => done.push([context.lineWidth, below]),
    lineWidth: 0,
  };
  const canvas = new Proxy(context, { get: (known, name): unknown => Reflect.get(known, name) ?? (() => undefined) });
  const line = new FineLine({ points: [{ x: 0, y: 0, skip: false }, { x: 9, y: 5, skip: false }], options: { borderWidth, borderDash: [] } });
  line.draw(canvas as unknown as CanvasRenderingContext2D);
  expect(line.options.borderWidth).toBe(borderWidth);
  return done;
}

describe("a fine line", () => {
  it("is drawn as two of one pixel, which together are as wide", () => {
    expect(strokes(1.5, 1)).toEqual([[1, -0.25], [1, 0.25]]);
    const [[width, above], [, below]] = strokes(1.5, 1.25) as [[number, number], [number, number]];
    expect(below - above + width).toBeCloseTo(1.5);
    expect(width).toBeCloseTo(1 / 1.25);
  });

  it("is drawn as it is where it is one pixel wide, or where pixels are small", () => {
    expect(strokes(1, 1)).toEqual([[1, 0]]);
    expect(strokes(1.5, 2)).toEqual([[1.5, 0]]);
  });

  it("is not drawn where it has no width", () => {
    expect(strokes(0, 1)).toEqual([]);
  });
});
