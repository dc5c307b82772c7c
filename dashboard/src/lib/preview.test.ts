import { expect, it } from "vitest";

import { closerStart, firedText, previewLines, reachOf } from "./preview";

it("says how often a rule would have fired", () => {
  expect([0, 1, 2, 3].map(firedText)).toEqual([
    "It would not have fired.",
    "It would have fired once.",
    "It would have fired twice.",
    "It would have fired 3 times.",
  ]);
});

it("draws a line for each application, from the first data on", () => {
  const chart = previewLines({
    start: 0,
    end: 9_000,
    series: [
      { app: "shop", points: [[60, null], [3_000, 1], [3_900, null], [9_000, 2]] },
      { app: "snake", points: [[60, null], [9_000, null]] },
    ],
  });
  expect(chart.lines.map((line) => line.name)).toEqual(["shop", "snake"]);
  expect(chart.lines[0]?.values).toEqual([null, 1, null, 2]);
  expect([chart.start, chart.end]).toEqual([3_000, 9_000]);
  expect(chart.step).toBe(8_940);
});

it("shows some time even where the data have just begun, and the whole where there are none", () => {
  const at = (points: [number, number | null][]) => previewLines({ start: 0, end: 9_000, series: [{ app: "a", points }] }).start;
  expect(at([[8_990, 1]])).toBe(8_100);
  expect(at([[60, null]])).toBe(8_100);
});

it("says how far it looked back", () => {
  const days = (count: number): string => reachOf({ start: 0, end: count * 86_400 - 60 });
  expect([7, 3, 1, 1 / 24].map(days)).toEqual(["7 days", "3 days", "24 hours", "hour"]);
});

it("looks closer at young data only", () => {
  const from = (points: [number, number | null][]) => closerStart({ start: 0, end: 9_000, series: [{ app: "a", points }] });
  expect(from([[1_000, 1], [2_000, 1], [9_000, 1]])).toBeNull();
  expect(from([[8_000, null], [8_500, 1], [9_000, 2]])).toBe(7_600);
});
