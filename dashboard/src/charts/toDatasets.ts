/** From lines to what Chart.js draws. Pure; tested beside this file. */
import type { ChartDataset, Point } from "chart.js";

import { coloursOf } from "../lib/colour";
import type { Line } from "../lib/points";
import { lineKey } from "../lib/points";

export type LineDataset = ChartDataset<"line", Point[]>;

const FAINT = "1f";
const ALONE_RADIUS = 2;

/**
 * One dataset per line. A missing value, and a hole of more than one step between two times, are gaps: no line is
 * drawn across them.
 */
export function toDatasets(lines: readonly Line[], step: number, dark: boolean): LineDataset[] {
  const colours = coloursOf(lines.map(lineKey), dark);
  return lines.map((line) => {
    const key = lineKey(line);
    const colour = colours.get(key) ?? "";
    const data = withGaps(line, step);
    return {
      label: key,
      data,
      borderColor: colour,
      backgroundColor: `${colour}${FAINT}`,
      borderWidth: 1.5,
      fill: lines.length === 1,
      pointRadius: radii(data),
      pointHitRadius: 8,
      pointHoverRadius: 3,
      spanGaps: false,
      tension: 0,
    };
  });
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
