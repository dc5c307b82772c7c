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

interface Shown {
  lines: readonly Line[];
  /** The period before, moved in time to lie over this one. */
  before: readonly Line[];
  band?: Band | null;
  step: number;
  dark: boolean;
}

type Drawn = readonly LineDataset[];

/**
 * One dataset per line, and a pale, dashed one per line of the period before. A missing value, and a hole of more than one
 * step between two times, are gaps: no line is drawn across them. A single line has the band between its least and greatest
 * values around it, or else the area under it filled. What was drawn before lends its points: most of them are the same.
 */
export function toDatasets({ lines, before, band = null, step, dark }: Shown, drawn: Drawn = []): LineDataset[] {
  const known = new Map(drawn.map(({ label, data }) => [label, data]));
  const pointsOf = (label: string, line: Line): Point[] => withGaps(line, step, known.get(label) ?? []);
  const colours = coloursOf(lines.map(lineKey), dark);
  const current = lines.map((line) => {
    const key = lineKey(line);
    const colour = colours.get(key) ?? "";
    const fill = lines.length === 1 && band === null;
    return { ...LINE, label: key, data: pointsOf(key, line), borderColor: colour, backgroundColor: `${colour}${FAINT}`, fill };
  });
  const pale = before.flatMap((line) => {
    const key = lineKey(line);
    const colour = colours.get(key);
    if (colour === undefined) return []; // what has no line today has no colour to compare by
    const label = `${key}, before`;
    const looks = { borderColor: `${colour}${PALE}`, borderWidth: 1, borderDash: [4, 3], fill: false };
    return [{ ...LINE, ...looks, label, data: pointsOf(label, line) }];
  });
  const [of] = current;
  if (band === null || of === undefined) return [...current, ...pale];
  // Two lines that are not drawn, with what lies between them filled.
  const [low, high] = [`${of.label}, least`, `${of.label}, greatest`];
  const least = { ...EDGE, label: low, data: pointsOf(low, band.least), fill: false };
  const greatest = { ...EDGE, label: high, data: pointsOf(high, band.greatest), backgroundColor: `${of.borderColor}${BAND}`, fill: "-1" };
  return [...current, ...pale, least, greatest];
}

/** Whether a dataset is one that a person knows of: the edges of a band are not. */
export const isShown = (dataset: { borderWidth?: unknown }): boolean => dataset.borderWidth !== 0;

function withGaps(line: Line, step: number, known: readonly Point[]): Point[] {
  const points: Point[] = [];
  let next = 0;
  const add = (x: number, y: number): void => {
    while (next < known.length && Number(known[next]?.x) < x) next += 1;
    const old = known[next];
    if (old?.x === x) old.y = y;
    points.push(old?.x === x ? old : { x, y });
  };
  line.times.forEach((time, i) => {
    const before = line.times[i - 1];
    if (before !== undefined && time - before > 1.5 * step) add(before + step, Number.NaN);
    add(time, line.values[i] ?? Number.NaN);
  });
  return Object.preventExtensions(points); // or else Chart.js wraps the array's methods to hear of changes
}
