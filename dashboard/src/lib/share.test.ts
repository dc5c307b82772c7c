import { expect, it } from "vitest";

import { levelOf, shareOf } from "./share";

it("never shows more than all and never less than nothing", () => {
  expect(shareOf(30, 10)).toBe(1);
  expect(shareOf(-1, 10)).toBe(0);
  expect(shareOf(1, 0)).toBe(0);
});

it("warns before a limit is reached", () => {
  expect(levelOf(7.9, 10)).toBe("calm");
  expect(levelOf(8, 10)).toBe("near");
  expect(levelOf(9.5, 10)).toBe("full");
});
