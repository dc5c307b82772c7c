import { expect, test } from "vitest";

import { ownPath } from "./ownPath";

const HERE = "https://argus.example.org";

test.each(["/logs?q=payment#x", "/metrics", "/"])("a path of ours is gone to: %s", (path) => {
  expect(ownPath(path, HERE)).toBe(path);
});

test.each([
  null,
  "",
  "https://evil.example",
  "//evil.example",
  "/\\evil.example",
  "/\t/evil.example",
  "/\n\\evil.example/x",
  "javascript:alert(1)",
])("an address of others leads to the start: %j", (address) => {
  expect(ownPath(address, HERE)).toBe("/");
});

test("what a browser would read as another host's does not come out", () => {
  expect(ownPath("/.//evil.example", HERE)).toBe("/");
});
