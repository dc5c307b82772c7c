/** Exports every line that a search finds, page by page, telling how far it is; it can be stopped. */
import { useCallback, useRef, useState } from "react";

import { getLogs, type LogLine, type LogsQuery } from "../api/logs";
import { download, textFile } from "../components/download";
import { serverNow } from "../lib/clock";
import { logsCsv, ndjson } from "../lib/csv";
import { bounds, type Range } from "../lib/range";

export type Format = "csv" | "ndjson";

export interface Export {
  /** Lines so far; `null` while nothing is exported. */
  done: number | null;
  error: string | null;
  start: (format: Format) => void;
  stop: () => void;
}

const PAGE = 1_000;
/** More would not fit a spreadsheet, nor this page's memory; the API has no such limit. */
const MOST = 200_000;

export function useExport(query: LogsQuery, range: Range): Export {
  const [done, setDone] = useState<number | null>(null);
  const [error, setError] = useState<string | null>(null);
  const abort = useRef<AbortController | null>(null);
  const start = useCallback(
    (format: Format) => {
      const controller = new AbortController();
      abort.current = controller;
      setError(null);
      setDone(0);
      collect(query, range, controller.signal, setDone)
        .then((lines) => {
          const name = `logs-${new Date().toISOString().slice(0, 19)}.${format}`;
          download(name, format === "csv" ? textFile("text/csv", logsCsv(lines)) : textFile("application/x-ndjson", ndjson(lines)));
        })
        .catch((problem: unknown) => {
          if (!controller.signal.aborted) setError(problem instanceof Error ? problem.message : "The export failed.");
        })
        .finally(() => setDone(null));
    },
    [query, range],
  );
  const stop = useCallback(() => abort.current?.abort(), []);
  return { done, error, start, stop };
}

async function collect(query: LogsQuery, range: Range, signal: AbortSignal, tell: (done: number) => void): Promise<LogLine[]> {
  const lines: LogLine[] = [];
  const { start, end } = bounds(range, serverNow());
  let cursor: string | null = null;
  do {
    const page = { start, end, limit: PAGE, ...(cursor === null ? {} : { cursor }) };
    const answer = await getLogs(query, page, signal);
    lines.push(...answer.logs);
    cursor = answer.next;
    tell(lines.length);
  } while (cursor !== null && lines.length < MOST);
  return lines;
}
