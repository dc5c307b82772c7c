/** From lines to what Chart.js draws. Pure; tested beside this file. */
import type { ChartDataset, Point } from "chart.js";

import { coloursOf } from "../lib/colour";
import type { Line } from "../lib/points";
import { lineKey } from "../lib/points";

export type LineDataset = ChartDataset<"line", Point[]>;

/** The least and the greatest values behind a line of means. */
export interface Band {
  least: Line;
  greatest: Line;
}

const FAINT = "1f";
const BAND = "2e";
const PALE = "80";

/** What all datasets have alike. One number for all points is drawn far faster than one for each. */
const LINE = { borderWidth: 1.5, pointRadius: 0, pointHitRadius: 8, pointHoverRadius: 3, spanGaps: false, tension: 0 };
const EDGE = { ...LINE, borderWidth: 0, pointHitRadius: 0, pointHoverRadius: 0 };

/**
 * One dataset per line, and a pale, dashed one per line of the period before. A missing value, and a hole of more than one
 * step between two times, are gaps: no line is drawn across them. A single line has the band between its least and greatest
 * values around it, or else the area under it filled.
 */
export function toDatasets(lines: readonly Line[], before: readonly Line[], step: number, dark: boolean, band: Band | null = null): LineDataset[] {
  const colours = coloursOf(lines.map(lineKey), dark);
  const current = lines.map((line) => {
    const key = lineKey(line);
    const colour = colours.get(key) ?? "";
    const fill = lines.length === 1 && band === null;
    return { ...LINE, label: key, data: withGaps(line, step), borderColor: colour, backgroundColor: `${colour}${FAINT}`, fill };
  });
  const pale = before.flatMap((line) => {
    const key = lineKey(line);
    const colour = colours.get(key);
    if (colour === undefined) return []; // what has no line today has no colour to compare by
    return [{ ...LINE, label: `${key}, before`, data: withGaps(line, step), borderColor: `${colour}${PALE}`, borderDash: [4, 3], fill: false }];
  });
  return [...current, ...pale, ...(band === null ? [] : edges(band, step, current[0]))];
}

/** Two lines that are not drawn, with what lies between them filled. */
function edges({ least, greatest }: Band, step: number, of: { label: string; borderColor: string } | undefined): LineDataset[] {
  if (of === undefined) return [];
  return [
    { ...EDGE, label: `${of.label}, least`, data: withGaps(least, step), fill: false },
    { ...EDGE, label: `${of.label}, greatest`, data: withGaps(greatest, step), backgroundColor: `${of.borderColor}${BAND}`, fill: "-1" },
  ];
}

/** Whether a dataset is one that a person knows of: the edges of a band are not. */
export const isShown = (dataset: { borderWidth?: unknown }): boolean => dataset.borderWidth !== 0;

function withGaps(line: Line, step: number): Point[] {
  const points: Point[] = [];
  line.times.forEach((time, i) => {
    const before = line.times[i - 1];
    if (before !== undefined && time - before > 1.5 * step) points.push({ x: before + step, y: Number.NaN });
    points.push({ x: time, y: line.values[i] ?? Number.NaN });
  });
  return points;
}
