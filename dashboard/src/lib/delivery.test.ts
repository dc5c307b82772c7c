import { expect, it } from "vitest";

import { deliveryText, untilNext } from "./delivery";

it("counts messages by what became of them, trouble first", () => {
  const states = ["sent", "failed", "sent", "suppressed"] as const;
  expect(deliveryText(states.map((state) => ({ state })), "")).toBe("1 failed, 2 sent, 1 kept back");
});

it("says why nobody was told", () => {
  expect(deliveryText([], "silenced")).toBe("silenced");
});

it("asks again when the next attempt has been made", () => {
  const events = (...times: (number | null)[]) => [{ deliveries: times.map((next_at) => ({ next_at })) }];
  expect(untilNext(events(null), 100)).toBe(false);
  expect(untilNext(events(null, 160, 130), 100)).toBe(32_000);
  expect(untilNext(events(90), 100)).toBe(2_000);
});
