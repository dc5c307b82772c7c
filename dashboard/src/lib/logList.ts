/**
 * The lines of a search, newest first: pages of history at the end, what came since at the top.
 *
 * Ids grow in the order in which lines were stored, so each line has its place, whichever way and however often it came.
 */

interface Numbered {
  id: number;
}

export interface LogList<L extends Numbered> {
  /** Which search these are the lines of. */
  key: string;
  lines: readonly L[];
  /** The cursor of the page that follows; `null` where there is none. */
  next: string | null;
}

/** More lines than anyone scrolls through: then the oldest go, and can be had again. */
export const MOST_LINES = 200_000;

/**
 * The list with lines that came since, in any order, each in its place: what the live connection says may overtake the
 * answer with the lines that were missed before it.
 */
export function withNewer<L extends Numbered>(list: LogList<L>, fresh: readonly L[], most = MOST_LINES): LogList<L> {
  const first = fresh.reduce((least, line) => Math.min(least, line.id), Infinity);
  const border = list.lines.findIndex((line) => line.id < first);
  const above = border === -1 ? list.lines : list.lines.slice(0, border);
  const known = new Set(above.map((line) => line.id));
  const added = fresh.filter((line) => !known.has(line.id) && known.add(line.id));
  if (added.length === 0) return list;
  const lines = [...[...added, ...above].sort((a, b) => b.id - a.id), ...(border === -1 ? [] : list.lines.slice(border))];
  if (lines.length <= most) return { ...list, lines };
  const kept = lines.slice(0, most);
  return { ...list, lines: kept, next: String(kept.at(-1)?.id) };
}

/** The list with its next page. */
export function withOlder<L extends Numbered>(list: LogList<L>, page: Pick<LogList<L>, "lines" | "next">): LogList<L> {
  const oldest = list.lines.at(-1)?.id ?? Infinity;
  return { ...list, lines: [...list.lines, ...page.lines.filter((line) => line.id < oldest)], next: page.next };
}
