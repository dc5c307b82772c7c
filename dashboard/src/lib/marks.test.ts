import { expect, it } from "vitest";

import { markOf, marksNear } from "./marks";

it("makes a mark of an event's log line", () => {
  expect(markOf({ timestamp: 5, message: "v1.4", metadata: { event: "deploy" } })).toEqual({
    at: 5,
    kind: "event",
    label: "deploy v1.4",
  });
  expect(markOf({ timestamp: 5, message: "", metadata: { event: 3 } }).label).toBe("event");
});

it("finds the marks near a time", () => {
  const marks = [10, 20, 30].map((at) => ({ at, kind: "event" as const, label: "" }));
  expect(marksNear(marks, 21, 5).map((mark) => mark.at)).toEqual([20]);
});
