/** From lines to what Chart.js draws. Pure; tested beside this file. */
import type { ChartDataset, Point } from "chart.js";

import { coloursOf } from "../lib/colour";
import type { Line } from "../lib/points";
import { lineKey } from "../lib/points";

export type LineDataset = ChartDataset<"line", Point[]>;

const FAINT = "1f";

/**
 * One dataset per line. A missing value, and a hole of more than one step between two times, are gaps: no line is
 * drawn across them.
 */
export function toDatasets(lines: readonly Line[], step: number, dark: boolean): LineDataset[] {
  const colours = coloursOf(lines.map(lineKey), dark);
  return lines.map((line) => {
    const key = lineKey(line);
    const colour = colours.get(key) ?? "";
    return {
      label: key,
      data: withGaps(line, step),
      borderColor: colour,
      backgroundColor: `${colour}${FAINT}`,
      borderWidth: 1.5,
      fill: lines.length === 1,
      pointRadius: alone(line) ? 2 : 0,
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

/** A single point has no line to show it. */
function alone(line: Line): boolean {
  return line.values.filter((value) => value !== null).length === 1;
}
