/** Lines of a chart, and merging live points into them. */

export interface Line {
  name: string;
  tags: Record<string, string>;
  times: number[];
  values: (number | null)[];
}

/** What tells lines apart: `orders{shop=oslo}`. */
export function lineKey(line: Pick<Line, "name" | "tags">): string {
  const tags = Object.entries(line.tags)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${value}`);
  return tags.length === 0 ? line.name : `${line.name}{${tags.join(",")}}`;
}

/**
 * The history with what came since: a point replaces the one of its time, new times and new lines are added. A bucket
 * without data (null) never wipes out a value. Points before `from` are dropped.
 */
export function mergePoints(history: readonly Line[], live: readonly Line[], from: number): Line[] {
  const merged = new Map(history.map((line) => [lineKey(line), line]));
  for (const line of live) {
    const key = lineKey(line);
    const known = merged.get(key);
    merged.set(key, known === undefined ? line : mergeLine(known, line));
  }
  return [...merged.values()].map((line) => since(line, from));
}

function mergeLine(known: Line, fresh: Line): Line {
  const values = new Map(known.times.map((time, i) => [time, known.values[i] ?? null]));
  fresh.times.forEach((time, i) => {
    const value = fresh.values[i] ?? null;
    if (value !== null || !values.has(time)) values.set(time, value);
  });
  const times = [...values.keys()].sort((a, b) => a - b);
  return { ...known, times, values: times.map((time) => values.get(time) ?? null) };
}

function since(line: Line, from: number): Line {
  const first = line.times.findIndex((time) => time >= from);
  if (first === 0) return line;
  if (first === -1) return { ...line, times: [], values: [] };
  return { ...line, times: line.times.slice(first), values: line.values.slice(first) };
}

export interface LineSummary {
  last: number | null;
  average: number | null;
  max: number | null;
}

export function summarise(line: Line): LineSummary {
  const present = line.values.filter((value): value is number => value !== null);
  if (present.length === 0) return { last: null, average: null, max: null };
  const total = present.reduce((sum, value) => sum + value, 0);
  return { last: present.at(-1) ?? null, average: total / present.length, max: Math.max(...present) };
}

/** The newest value of a line that may be missing. */
export function latest(line: Line | undefined): number | null {
  return line === undefined ? null : summarise(line).last;
}
