/** Fetching all that a search finds, page by page. Pure but for what it is handed; tested beside this file. */

/** More would not fit a spreadsheet, nor a page's memory; the API has no such limit. */
export const MOST_EXPORTED = 200_000;

interface Page<L> {
  logs: readonly L[];
  next: string | null;
}

export interface Collected<L> {
  lines: L[];
  /** Whether there are older lines than these. */
  cut: boolean;
}

/** Ask for page after page until there is none, or until there are enough. */
export async function collect<L>(
  ask: (cursor: string | null) => Promise<Page<L>>,
  tell: (done: number) => void,
  most = MOST_EXPORTED,
): Promise<Collected<L>> {
  const lines: L[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<L> = await ask(cursor);
    lines.push(...page.logs);
    cursor = page.next;
    tell(lines.length);
  } while (cursor !== null && lines.length < most);
  return { lines: lines.slice(0, most), cut: cursor !== null || lines.length > most };
}
