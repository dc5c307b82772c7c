import { expect, it } from "vitest";

import { actInWords, subjectInWords } from "./acts";

it("says in words what was done", () => {
  expect(actInWords("delete_key")).toBe("Revoked a key");
  expect(actInWords("put_silence")).toBe("Changed: silence");
});

it("leaves what the command line says as it is", () => {
  expect(actInWords("argus app create")).toBe("argus app create");
});

it("leaves out of an address what is in every one", () => {
  expect(subjectInWords("/api/v1/applications/shop")).toBe("applications/shop");
  expect(subjectInWords("shop")).toBe("shop");
});
