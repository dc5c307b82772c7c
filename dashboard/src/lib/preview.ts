/** A preview of a rule, as a chart draws it. Pure; tested beside this file. */
import type { Line } from "./points";

interface PreviewLike {
  start: number;
  end: number;
  series: readonly { app: string; points: readonly (readonly [number, number | null])[] }[];
}

export function firedText(times: number): string {
  if (times === 0) return "It would not have fired.";
  return `It would have fired ${times === 1 ? "once" : times === 2 ? "twice" : `${times} times`}.`;
}

export const WHOLE = "7 days";
const DAY = 86_400;
const SHORTEST = 900;

/** How far a preview looks back. Short windows are only judged where fine summaries are kept. */
export function reachOf({ start, end }: { start: number; end: number }): string {
  const hours = Math.round((end - start) / 3_600);
  return end - start > 6.9 * DAY ? WHOLE : hours >= 48 ? `${Math.round(hours / 24)} days` : hours === 1 ? "hour" : `${hours} hours`;
}

export interface PreviewChart {
  lines: Line[];
  /** The longest time between two points that is no gap: what is missing is said by a null. */
  step: number;
  start: number;
  end: number;
}

/**
 * From when on to look closer: where the data are young, the points of the whole range are too far apart for them.
 * `null`: they are not.
 */
export function closerStart(preview: PreviewLike): number | null {
  const { start, step } = previewLines(preview);
  const from = start - step;
  return preview.end - from < (preview.end - preview.start) / 2 ? from : null;
}

/** One line for each application, over the time for which there are data: the first may be younger than the range. */
export function previewLines({ start, end, series }: PreviewLike): PreviewChart {
  const lines = series.map(({ app, points }) => ({
    name: app,
    tags: {},
    times: points.map(([time]) => time),
    values: points.map(([, value]) => value),
  }));
  let step = 10;
  let first = end;
  for (const { times, values } of lines) {
    const known = values.findIndex((value) => value !== null);
    first = Math.min(first, times[known] ?? end);
    times.forEach((time, i) => {
      step = Math.max(step, time - (times[i - 1] ?? time));
    });
  }
  const shown = Math.max(start, Math.min(first, end - SHORTEST));
  return { lines, step, start: shown, end };
}
