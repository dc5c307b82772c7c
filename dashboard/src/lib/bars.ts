/** The stacked histogram of log lines: from counts to rectangles. Widths and heights are parts of 1. */

export interface Counts {
  start: number;
  step: number;
  counts: Record<string, readonly number[]>;
}

export interface Bar {
  level: string;
  bucket: number;
  x: number;
  y: number;
  width: number;
  height: number;
}

/** From the bottom of a bar to its top; what matters most stands at the bottom, where it is seen. */
export const STACK = ["ERROR", "WARN", "INFO", "DEBUG"] as const;

const GAP = 0.12;

export function bucketsOf({ counts }: Counts): number {
  return Math.max(0, ...Object.values(counts).map((row) => row.length));
}

/** The number of lines in the fullest bucket, of the levels that are shown. */
export function fullest(found: Counts, levels: readonly string[]): number {
  let most = 0;
  for (let i = 0; i < bucketsOf(found); i += 1) most = Math.max(most, totalAt(found, levels, i));
  return most;
}

export function totalAt(found: Counts, levels: readonly string[], bucket: number): number {
  return levels.reduce((sum, level) => sum + (found.counts[level]?.[bucket] ?? 0), 0);
}

export function bars(found: Counts, levels: readonly string[]): Bar[] {
  const size = bucketsOf(found);
  const top = Math.max(1, fullest(found, levels));
  const made: Bar[] = [];
  for (let bucket = 0; bucket < size; bucket += 1) {
    let base = 1;
    for (const level of STACK) {
      const count = levels.includes(level) ? (found.counts[level]?.[bucket] ?? 0) : 0;
      if (count === 0) continue;
      const height = count / top;
      base -= height;
      made.push({ level, bucket, x: (bucket + GAP / 2) / size, y: base, width: (1 - GAP) / size, height });
    }
  }
  return made;
}

export function total(found: Counts | undefined, level: string): number {
  return (found?.counts[level] ?? []).reduce((sum, count) => sum + count, 0);
}

/** The time range of whole buckets between two places (parts of the width), in either order. */
export function selected(found: Counts, from: number, to: number): { start: number; end: number } {
  const size = bucketsOf(found);
  const place = (part: number): number => Math.min(size - 1, Math.max(0, Math.floor(part * size)));
  const [first, last] = from < to ? [place(from), place(to)] : [place(to), place(from)];
  return { start: found.start + first * found.step, end: found.start + (last + 1) * found.step };
}
