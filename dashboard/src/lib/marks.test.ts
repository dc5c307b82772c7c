import { expect, it } from "vitest";

import { markOf, marksNear } from "./marks";

it("makes marks of events and of alerts", () => {
  expect(markOf({ at: 5, kind: "event", name: "deploy", text: "v1.4" })).toEqual({ at: 5, kind: "event", label: "deploy v1.4" });
  expect(markOf({ at: 5, kind: "event", name: "deploy", text: "" }).label).toBe("deploy");
  expect(markOf({ at: 5, kind: "alert", name: "CPU", text: "no_data" }).label).toBe("CPU: no data");
});

it("finds the marks near a time", () => {
  const marks = [10, 20, 30].map((at) => ({ at, kind: "event" as const, label: "" }));
  expect(marksNear(marks, 21, 5).map((mark) => mark.at)).toEqual([20]);
});
