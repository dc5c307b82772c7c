import { expect, it } from "vitest";

import { deliveryText } from "./delivery";

it("counts messages by what became of them, trouble first", () => {
  const states = ["sent", "failed", "sent", "suppressed"] as const;
  expect(deliveryText(states.map((state) => ({ state })), "")).toBe("1 failed, 2 sent, 1 kept back");
});

it("says why nobody was told", () => {
  expect(deliveryText([], "silenced")).toBe("silenced");
});
