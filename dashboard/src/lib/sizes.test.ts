import { expect, it } from "vitest";

import { sizesOf } from "./sizes";

it("tells a store's sizes in words, its bytes first", () => {
  expect(sizesOf({ "store.records.appended_lines": 12, "store.records.bytes": 2048, "store.records.log_lines": 1500 })).toEqual([
    { name: "size", text: "2 KiB" },
    { name: "appended lines", text: "12" },
    { name: "log lines", text: "1.5 k" },
  ]);
});
