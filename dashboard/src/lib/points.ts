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

/** Two sorted lists into one. What lies before the first fresh point, nearly all of it, is copied as it is. */
function mergeLine(known: Line, fresh: Line): Line {
  const first = fresh.times[0];
  if (first === undefined) return known;
  let i = firstFrom(known.times, first);
  const times = known.times.slice(0, i);
  const values = known.values.slice(0, i);
  fresh.times.forEach((time, j) => {
    for (; i < known.times.length && (known.times[i] ?? time) < time; i += 1) {
      times.push(known.times[i] ?? time);
      values.push(known.values[i] ?? null);
    }
    const same = known.times[i] === time;
    times.push(time);
    values.push(fresh.values[j] ?? (same ? (known.values[i] ?? null) : null));
    if (same) i += 1;
  });
  return { ...known, times: times.concat(known.times.slice(i)), values: values.concat(known.values.slice(i)) };
}

/** The index of the first time that is not before `from`. */
export function firstFrom(times: readonly number[], from: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? from) < from) low = middle + 1;
    else high = middle;
  }
  return low;
}

function since(line: Line, from: number): Line {
  const first = firstFrom(line.times, from);
  return first === 0 ? line : { ...line, times: line.times.slice(first), values: line.values.slice(first) };
}

/** The line as it would be so many seconds later: yesterday's, drawn over today's. */
export function later(line: Line, seconds: number): Line {
  return { ...line, times: line.times.map((time) => time + seconds) };
}

export interface LineSummary {
  last: number | null;
  average: number | null;
  max: number | null;
}

export function summarise(line: Line): LineSummary {
  let last: number | null = null;
  let max: number | null = null;
  let total = 0;
  let count = 0;
  for (const value of line.values) {
    if (value === null) continue;
    last = value;
    max = max === null || value > max ? value : max;
    total += value;
    count += 1;
  }
  return { last, average: count === 0 ? null : total / count, max };
}

/** The newest value of a line that may be missing. */
export function latest(line: Line | undefined): number | null {
  return line === undefined ? null : summarise(line).last;
}

/** The lines with the greatest values, at most `most` of them, in the order they had: what a chart can show. */
export function greatest(lines: readonly Line[], most: number): readonly Line[] {
  if (lines.length <= most) return lines;
  const kept = new Set([...lines].sort((a, b) => (summarise(b).max ?? 0) - (summarise(a).max ?? 0)).slice(0, most));
  return lines.filter((line) => kept.has(line));
}
