import { expect, it } from "vitest";

import { ways } from "./snippets";

it("gives a way for each language, each with the address and the new key", () => {
  const found = ways({ url: "http://here:8000", appId: "shop", key: "argus_k" });
  expect(found.map((way) => way.name)).toEqual(["Python", "C++", "Shell"]);
  for (const { steps } of found) {
    const code = steps.map((step) => step.code).join("\n");
    expect(code).toContain("http://here:8000");
    expect(code).toContain("argus_k");
  }
});
