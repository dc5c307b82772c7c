/** From lines to what Chart.js draws. Pure; tested beside this file. */
import type { ChartDataset, Point } from "chart.js";

import { coloursOf } from "../lib/colour";
import type { Line } from "../lib/points";
import { lineKey } from "../lib/points";

export type LineDataset = ChartDataset<"line", Point[]>;

const FAINT = "1f";
const PALE = "80";
const ALONE_RADIUS = 2;

/**
 * One dataset per line, and a pale, dashed one per line of the period before. A missing value, and a hole of more than one
 * step between two times, are gaps: no line is drawn across them.
 */
export function toDatasets(lines: readonly Line[], before: readonly Line[], step: number, dark: boolean): LineDataset[] {
  const colours = coloursOf(lines.map(lineKey), dark);
  const current = lines.map((line) => {
    const key = lineKey(line);
    const colour = colours.get(key) ?? "";
    return { ...dataset(line, step, key, colour), backgroundColor: `${colour}${FAINT}`, fill: lines.length === 1 };
  });
  const pale = before.flatMap((line) => {
    const key = lineKey(line);
    const colour = colours.get(key);
    if (colour === undefined) return []; // what has no line today has no colour to compare by
    return [{ ...dataset(line, step, `${key}, before`, `${colour}${PALE}`), borderDash: [4, 3], fill: false }];
  });
  return [...current, ...pale];
}

function dataset(line: Line, step: number, label: string, colour: string): LineDataset {
  const data = withGaps(line, step);
  return {
    label,
    data,
    borderColor: colour,
    borderWidth: 1.5,
    pointRadius: radii(data),
    pointHitRadius: 8,
    pointHoverRadius: 3,
    spanGaps: false,
    tension: 0,
  };
}

function withGaps(line: Line, step: number): Point[] {
  const points: Point[] = [];
  line.times.forEach((time, i) => {
    const before = line.times[i - 1];
    if (before !== undefined && time - before > 1.5 * step) points.push({ x: before + step, y: Number.NaN });
    points.push({ x: time, y: line.values[i] ?? Number.NaN });
  });
  return points;
}

/** A point between two gaps has no line to show it. One number for all points is drawn faster than one for each. */
function radii(data: readonly Point[]): number | number[] {
  const drawn = (i: number): boolean => Number.isFinite(data[i]?.y);
  const alone = data.map((_, i) => (drawn(i) && !drawn(i - 1) && !drawn(i + 1) ? ALONE_RADIUS : 0));
  return alone.some((radius) => radius > 0) ? alone : 0;
}
