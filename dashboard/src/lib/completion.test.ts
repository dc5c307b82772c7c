import { describe, expect, it } from "vitest";

import { complete, knownFrom, quoted, suggest } from "./completion";

const line = (logger: string, metadata: Record<string, unknown>) => ({ logger, host: "web-1", app: "shop", metadata });
const known = knownFrom(
  [line("shop.pay.card", { order: 991, user: "Ann Lee", "<img>": "x" }), line("shop", { order: 12 })],
  ["shop", "bank"],
  ["web-2"],
);
const texts = (text: string): string[] => suggest(text, text.length, known).map((suggestion) => suggestion.text);

describe("the search box suggests", () => {
  it.each([
    ["", ["level:", "logger:", "host:", "app:", "order=", "user="]],
    ["l", ["level:", "logger:"]],
    ["-L", ["-level:", "-logger:"]],
    ["refused level:", ["level:debug", "level:info", "level:warn", "level:error"]],
    ["level:E", ["level:error"]],
    ["logger:shop", ["logger:shop", "logger:shop.*", "logger:shop.pay.*", "logger:shop.pay.card"]],
    ["host:", ["host:web-1", "host:web-2"]],
    ["app:b", ["app:bank"]],
    ["order=9", ["order=991"]],
    ["user=", ['user="Ann Lee"']],
    ['user="Ann', ['user="Ann Lee"']],
    ["colour:", []],
    ["zebra", []],
  ])("after %j: %j", (text, expected) => {
    expect(texts(text)).toEqual(expected);
  });

  it("replaces the word at the cursor, and goes on after a whole condition", () => {
    const [first] = suggest("a lev b", 5, known);
    expect(first && complete("a lev b", 5, first)).toEqual({ text: "a level: b", cursor: 8 });
    const [level] = suggest("level:er", 8, known);
    expect(level && complete("level:er", 8, level)).toEqual({ text: "level:error ", cursor: 12 });
  });

  it("quotes values with spaces", () => {
    expect([quoted("a b"), quoted("ab"), quoted('say "hi"'), quoted("")]).toEqual(['"a b"', "ab", '"say "', '""']);
  });
});
