/** The live tail: lines that came since the history was asked for, newest first, without doubles. */

interface Numbered {
  id: number;
}

const MOST = 5_000;

export function mergeTail<L extends Numbered>(known: readonly L[], fresh: readonly L[]): L[] {
  const seen = new Set(known.map((line) => line.id));
  const added = fresh.filter((line) => !seen.has(line.id)).sort((a, b) => b.id - a.id);
  return [...added, ...known].slice(0, MOST);
}
