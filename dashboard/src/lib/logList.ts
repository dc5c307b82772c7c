/**
 * The lines of a search, newest first: pages of history at the end, what came since at the top.
 *
 * Ids grow in the order in which lines were stored, so the newest id says what is new: no line is missing between two
 * lines of the list, and none is there twice.
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

/** The list with lines that came since, in any order, on top. */
export function withNewer<L extends Numbered>(list: LogList<L>, fresh: readonly L[], most = MOST_LINES): LogList<L> {
  const newest = list.lines[0]?.id ?? -1;
  const known = new Set<number>();
  const added = fresh.filter((line) => line.id > newest && !known.has(line.id) && known.add(line.id));
  if (added.length === 0) return list;
  const lines = [...added.sort((a, b) => b.id - a.id), ...list.lines];
  if (lines.length <= most) return { ...list, lines };
  const kept = lines.slice(0, most);
  return { ...list, lines: kept, next: String(kept.at(-1)?.id) };
}

/** The list with its next page. */
export function withOlder<L extends Numbered>(list: LogList<L>, page: Pick<LogList<L>, "lines" | "next">): LogList<L> {
  const oldest = list.lines.at(-1)?.id ?? Infinity;
  return { ...list, lines: [...list.lines, ...page.lines.filter((line) => line.id < oldest)], next: page.next };
}
