import { beforeEach, describe, expect, it } from "vitest";

import { Drawing } from "./drawing";

/** Stands for a canvas, of which the drawing only needs to know that it is this one. */
const canvas = (): Element => ({}) as Element;

describe("drawing", () => {
  let frames: (() => void)[];
  let now: number;
  let drawn: string[];
  let drawing: Drawing;

  const seen = (): Element => {
    const element = canvas();
    drawing.show(element, true);
    return element;
  };
  const frame = (): void => {
    for (const callback of frames.splice(0)) callback();
  };
  const work = (name: string, milliseconds = 1) => (): void => {
    drawn.push(name);
    now += milliseconds;
  };

  beforeEach(() => {
    [frames, now, drawn] = [[], 0, []];
    drawing = new Drawing({ nextFrame: (callback) => void frames.push(callback), now: () => now });
  });

  it("happens once in a frame, with what is newest, for all charts together", () => {
    const [a, b] = [seen(), seen()];
    drawing.soon(a, "data", work("a old"));
    drawing.soon(b, "data", work("b"));
    drawing.soon(a, "data", work("a new"));
    expect([frames.length, drawn]).toEqual([1, []]);
    frame();
    frame();
    expect(drawn).toEqual(["a new", "b"]);
  });

  it("does not lose what comes from the data to what comes from the pointer", () => {
    const a = seen();
    drawing.soon(a, "data", work("data"));
    drawing.soon(a, "hover", work("old place"));
    drawing.soon(a, "hover", work("new place"));
    frame();
    expect(drawn).toEqual(["data", "new place"]);
  });

  it("leaves to the frame after what does not fit into one, in its order", () => {
    for (const name of ["a", "b", "c", "d"]) drawing.soon(seen(), "data", work(name, 5));
    frame();
    expect(drawn).toEqual(["a", "b"]);
    frame();
    expect(drawn).toEqual(["a", "b", "c", "d"]);
    expect(frames).toEqual([]);
  });

  it("draws more in frames that take long", () => {
    for (const name of ["a", "b", "c", "d"]) drawing.soon(seen(), "data", work(name, 5));
    now += 40;
    frame();
    expect(drawn).toEqual(["a", "b", "c"]);
  });

  it("draws at least one chart in a frame, however long it takes", () => {
    for (const name of ["a", "b"]) drawing.soon(seen(), "data", work(name, 500));
    frame();
    frame();
    expect(drawn).toEqual(["a", "b"]);
  });

  it("waits with a chart that is not in view until it is", () => {
    const far = canvas();
    drawing.soon(far, "data", work("far"));
    expect(frames).toEqual([]);
    drawing.soon(seen(), "data", work("near"));
    frame();
    expect(drawn).toEqual(["near"]);
    drawing.show(far, true);
    frame();
    expect(drawn).toEqual(["near", "far"]);
    drawing.show(far, false);
    drawing.soon(far, "data", work("far again"));
    expect(frames).toEqual([]);
  });

  it("forgets a chart that has left the page", () => {
    const gone = seen();
    drawing.soon(gone, "data", work("gone"));
    drawing.forget(gone);
    frame();
    expect(drawn).toEqual([]);
  });
});
