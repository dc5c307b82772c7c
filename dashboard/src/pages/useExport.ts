/** Exports the lines that a search finds, telling how far it is, and what it left out; it can be stopped. */
import { useCallback, useRef, useState } from "react";

import { getLogs, type LogLine, type LogsQuery } from "../api/logs";
import { download, textFile } from "../components/download";
import { serverNow } from "../lib/clock";
import { collect } from "../lib/collect";
import { logsCsv, ndjson } from "../lib/csv";
import { bounds, type Range } from "../lib/range";

export type Format = "csv" | "ndjson";

export interface Export {
  /** Lines so far; `null` while nothing is exported. */
  done: number | null;
  error: string | null;
  /** How many lines the last file has, where the search finds more; `null` where it has all. */
  cut: number | null;
  start: (format: Format) => void;
  stop: () => void;
}

const PAGE = 1_000;

export function useExport(query: LogsQuery, range: Range): Export {
  const [done, setDone] = useState<number | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [cut, setCut] = useState<number | null>(null);
  const abort = useRef<AbortController | null>(null);
  const start = useCallback(
    (format: Format) => {
      const controller = new AbortController();
      const times = bounds(range, serverNow());
      abort.current = controller;
      setError(null);
      setCut(null);
      setDone(0);
      collect<LogLine>((cursor) => getLogs(query, { ...times, limit: PAGE, ...(cursor === null ? {} : { cursor }) }, controller.signal), setDone)
        .then((found) => {
          const name = `logs-${new Date().toISOString().slice(0, 19)}.${format}`;
          download(name, format === "csv" ? textFile("text/csv", logsCsv(found.lines)) : textFile("application/x-ndjson", ndjson(found.lines)));
          setCut(found.cut ? found.lines.length : null);
        })
        .catch((problem: unknown) => {
          if (!controller.signal.aborted) setError(problem instanceof Error ? problem.message : "The export failed.");
        })
        .finally(() => setDone(null));
    },
    [query, range],
  );
  const stop = useCallback(() => abort.current?.abort(), []);
  return { done, error, cut, start, stop };
}
