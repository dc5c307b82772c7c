/** A time range, as it stands in the URL: the last so many seconds, or two absolute times (Unix seconds). */
export type Range = { kind: "last"; seconds: number } | { kind: "fixed"; start: number; end: number };

export const PRESETS = [
  { label: "15 min", seconds: 900 },
  { label: "1 h", seconds: 3600 },
  { label: "24 h", seconds: 86_400 },
  { label: "7 d", seconds: 7 * 86_400 },
] as const;

export const DEFAULT_RANGE: Range = { kind: "last", seconds: 3600 };

/** What a link from one page to another takes along; the rest of the URL is a page's own. */
const SHARED = ["app", "host", "last", "start", "end"];

/** What a client adds up before it sends it, unless it was told otherwise. */
export const WINDOW_SECONDS = 10;

const MOST_POINTS = 400;
/** Multiples of the usual window, so that every bucket of a live chart holds as many windows as its neighbours. */
const STEPS = [10, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400];

export function readRange(params: URLSearchParams): Range {
  const last = Number(params.get("last"));
  if (last > 0 && Number.isFinite(last)) return { kind: "last", seconds: last };
  const start = Number(params.get("start"));
  const end = Number(params.get("end"));
  if (start > 0 && end > start && Number.isFinite(end)) return { kind: "fixed", start, end };
  return DEFAULT_RANGE;
}

export function writeRange(params: URLSearchParams, range: Range): URLSearchParams {
  const next = new URLSearchParams(params);
  for (const name of ["last", "start", "end"]) next.delete(name);
  if (range.kind === "last") {
    next.set("last", String(range.seconds));
  } else {
    next.set("start", String(Math.round(range.start)));
    next.set("end", String(Math.round(range.end)));
  }
  return next;
}

/** The search part of a link to another page, with what both understand and `more`. */
export function carried(search: string, more: Record<string, string> = {}): string {
  const before = new URLSearchParams(search);
  const next = new URLSearchParams();
  for (const name of SHARED) {
    const value = before.get(name);
    if (value !== null) next.set(name, value);
  }
  for (const [name, value] of Object.entries(more)) next.set(name, value);
  return next.toString();
}

/** The same for just the given time. */
export function carriedAt(search: string, start: number, end: number, more: Record<string, string> = {}): string {
  return writeRange(new URLSearchParams(carried(search, more)), { kind: "fixed", start, end }).toString();
}

export function bounds(range: Range, now: number): { start: number; end: number } {
  return range.kind === "last" ? { start: now - range.seconds, end: now } : { start: range.start, end: range.end };
}

export function span(range: Range): number {
  return range.kind === "last" ? range.seconds : range.end - range.start;
}

/** The smallest step of whole windows that gives a chart no more points than it has pixels to show. */
export function stepFor(range: Range, most: number = MOST_POINTS): number {
  const least = span(range) / most;
  return STEPS.find((step) => step >= least) ?? Math.ceil(least / 86_400) * 86_400;
}

const MOST_BARS = 90;

/** The length of a histogram's buckets: log lines are told apart by the second. */
export function barStep(range: Range): number {
  const least = span(range) / MOST_BARS;
  return [1, 2, 5].find((step) => step >= least) ?? stepFor(range, MOST_BARS);
}

/** The range of the same length before (-1) or after (+1); never beyond now. */
export function shifted(range: Range, direction: -1 | 1, now: number): Range {
  const { start, end } = bounds(range, now);
  const length = end - start;
  const moved = Math.min(end + direction * length, now);
  if (range.kind === "last" && direction === 1) return range;
  return { kind: "fixed", start: moved - length, end: moved };
}

/** The period before the one that is shown, on whole steps: it is asked for again only when a step has passed. */
export function previous(range: Range, step: number, now: number): Extract<Range, { kind: "fixed" }> {
  const { start, end } = bounds(range, now);
  const length = end - start;
  return { kind: "fixed", start: Math.floor((start - length) / step) * step, end: Math.floor((end - length) / step) * step };
}
