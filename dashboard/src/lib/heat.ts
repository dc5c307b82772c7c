/** The heat map of a timing: from counts to shades, and from a place to what lies there. */

export interface Distribution {
  times: readonly number[];
  bounds: readonly number[];
  counts: readonly (readonly number[])[];
}

export interface Spot {
  time: number;
  from: number;
  to: number;
  count: number;
  /** Part of its bucket's values. */
  share: number;
}

export const rowsOf = ({ bounds }: Distribution): number => Math.max(0, bounds.length - 1);

/**
 * How strong each cell is, 0 to 1, columns one after another. The root makes few values beside many visible: the rare slow
 * ones are what one looks for.
 */
export function shades({ counts }: Distribution): number[] {
  let most = 1;
  for (const column of counts) for (const count of column) most = Math.max(most, count);
  return counts.flatMap((column) => column.map((count) => Math.sqrt(count / most)));
}

/** The cell at a time and a row; rows are counted from the fastest. */
export function spotAt(found: Distribution, step: number, time: number, row: number): Spot | null {
  const first = found.times[0];
  if (first === undefined) return null;
  const column = Math.floor((time - first) / step);
  const counts = found.counts[column];
  const [at, from, to, count] = [found.times[column], found.bounds[row], found.bounds[row + 1], counts?.[row]];
  if (at === undefined || from === undefined || to === undefined || count === undefined) return null;
  const total = (counts ?? []).reduce((sum, value) => sum + value, 0);
  return { time: at, from, to, count, share: total === 0 ? 0 : count / total };
}

/** Rows whose lower bound is written at the side: evenly spread, at most `most`. */
export function labelledRows(found: Distribution, most: number): number[] {
  const rows = rowsOf(found);
  const every = Math.max(1, Math.ceil(rows / Math.max(1, most)));
  return Array.from({ length: Math.ceil(rows / every) }, (_, i) => i * every);
}
