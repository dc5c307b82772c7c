import { expect, it } from "vitest";

import { changesOf, labelOf } from "./channels";

it("changes only what was typed: an address is never shown whole, so an empty one stays", () => {
  expect(changesOf({ name: "ops" }, "ops", "", false)).toBeNull();
  expect(changesOf({ name: "ops" }, " night ", "", false)).toEqual({ name: "night" });
  expect(changesOf({ name: "ops" }, "ops", " https://a.example/x ", true)).toEqual({ target: "https://a.example/x", new_secret: true });
});

it("calls a kind what people call it", () => {
  expect(labelOf("webhook")).toBe("Webhook");
});
