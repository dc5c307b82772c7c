import { expect, it } from "vitest";

import { mergeTail } from "./tail";

it("puts new lines on top, newest first, and takes each once", () => {
  expect(mergeTail([{ id: 3 }, { id: 1 }], [{ id: 4 }, { id: 5 }, { id: 3 }]).map((line) => line.id)).toEqual([5, 4, 3, 1]);
});
