/** The log lines of a search: pages of history, newest first, and what the live connection adds on top. */
import { keepPreviousData, type QueryClient, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";

import { getLogs, type LogLine, type LogsQuery, OLDER_LINES } from "../api/logs";
import type { Heard } from "../api/subscriptions";
import { usePolling, useSubscription } from "../components/useLive";
import { serverNow } from "../lib/clock";
import { type LogList, MOST_LINES, withNewer, withOlder } from "../lib/logList";
import { bounds, type Range } from "../lib/range";

export interface Logs {
  /** Tells one search's lines from another's: while the next ones are on their way, the old ones stay. */
  shown: string;
  /** Whether the lines are those of another search, which stay until the new ones are here. */
  old: boolean;
  lines: readonly LogLine[];
  loading: boolean;
  error: unknown;
  retry: () => void;
  more: boolean;
  loadMore: () => void;
  /** There are older lines, but this page holds as many as it may. */
  full: boolean;
  /** Older lines were asked for in vain. */
  moreError: unknown;
  /** Whether the range goes on with time, so that there is something to tail. */
  follows: boolean;
  tailing: boolean;
  setTailing: (on: boolean) => void;
}

type List = LogList<LogLine>;

const NONE: readonly LogLine[] = [];
const CATCH_UP_LINES = 1_000;
/** Clocks of hosts run ahead of the server's; their lines belong to "now" too. */
const AHEAD_SECONDS = 60;

/** Lines that came while the history was on its way, by its key. */
const arriving = new Map<string, LogLine[]>();

function boundsNow(range: Range): { start: number; end: number } {
  const { start, end } = bounds(range, serverNow());
  return { start, end: range.kind === "last" ? end + AHEAD_SECONDS : end };
}

async function ask(key: string, query: LogsQuery, range: Range, signal: AbortSignal): Promise<List> {
  const since: LogLine[] = [];
  arriving.set(key, since);
  try {
    const { logs, next } = await getLogs(query, boundsNow(range), signal);
    return withNewer({ key, lines: logs, next }, since);
  } finally {
    if (arriving.get(key) === since) arriving.delete(key);
  }
}

/** Ask for all that was stored since the line that is the newest now; newer ones may come live meanwhile. */
async function catchUp(cache: QueryClient, key: string, query: LogsQuery, range: Range): Promise<void> {
  const known = cache.getQueryData<List>(["logs", key]);
  if (known === undefined) return;
  let after = known.lines[0]?.id ?? 0;
  for (;;) {
    const page = { ...boundsNow(range), after, limit: CATCH_UP_LINES };
    const { logs } = await cache.query({ queryKey: ["logs since", key, after], queryFn: () => getLogs(query, page), gcTime: 0 });
    cache.setQueryData<List>(["logs", key], (list) => list && withNewer(list, logs));
    if (logs.length < CATCH_UP_LINES) return;
    after = logs.at(-1)?.id ?? after;
  }
}

export function useLogs(app: string | null, q: string, levels: readonly string[], range: Range): Logs {
  const cache = useQueryClient();
  const polling = usePolling();
  const [wantsTail, setTailing] = useState(true);
  const follows = range.kind === "last";
  const tailing = wantsTail && follows;
  const level = levels.join(",");
  const query = useMemo<LogsQuery>(
    () => ({ ...(app === null ? {} : { app }), q, level: level.split(",").filter(Boolean) }),
    [app, q, level],
  );
  const key = JSON.stringify([query, range]);
  const onGap = useCallback(() => {
    // What it finds is in the list; that it failed is told by the connection's badge, and the next gap or poll asks again.
    catchUp(cache, key, query, range).catch(() => undefined);
  }, [cache, key, query, range]);
  const onHeard = useCallback(
    (heard: Heard) => {
      if (heard.op === "subscribed") onGap();
      if (heard.op !== "logs") return;
      arriving.get(key)?.push(...heard.logs);
      cache.setQueryData<List>(["logs", key], (list) => list && withNewer(list, heard.logs));
    },
    [cache, key, onGap],
  );
  const ready = useSubscription(tailing ? { topic: "logs", query } : null, onHeard, onGap);
  useEffect(() => {
    if (!tailing || polling === false) return undefined;
    const timer = setInterval(onGap, polling);
    return () => clearInterval(timer);
  }, [tailing, polling, onGap]);
  const history = useQuery({
    queryKey: ["logs", key],
    queryFn: ({ signal }) => ask(key, query, range, signal),
    enabled: ready,
    staleTime: Infinity, // what comes later is added, here or when one comes back
    structuralSharing: false, // a line never changes; comparing a hundred thousand with themselves takes long
    placeholderData: keepPreviousData,
  });
  const older = useOlder(cache, key, query, range, history.data);
  return {
    shown: history.data?.key ?? key,
    old: history.isPlaceholderData,
    lines: history.data?.lines ?? NONE,
    loading: history.isPending,
    error: history.error,
    retry: () => void history.refetch(),
    ...older,
    follows,
    tailing,
    setTailing,
  };
}

function useOlder(
  cache: QueryClient,
  key: string,
  query: LogsQuery,
  range: Range,
  list: List | undefined,
): Pick<Logs, "more" | "full" | "loadMore" | "moreError"> {
  const loading = useRef(false);
  const [failed, setFailed] = useState<{ key: string; error: unknown } | null>(null);
  const next = list?.next ?? null;
  const full = next !== null && (list?.lines.length ?? 0) >= MOST_LINES;
  const loadMore = useCallback(() => {
    if (loading.current || next === null || full) return;
    loading.current = true;
    setFailed(null);
    const page = { ...boundsNow(range), cursor: next, limit: OLDER_LINES };
    cache
      .query({ queryKey: ["logs before", key, next], queryFn: () => getLogs(query, page), gcTime: 0 })
      .then((found) => {
        cache.setQueryData<List>(["logs", key], (known) => known && withOlder(known, { lines: found.logs, next: found.next }));
      })
      .catch((error: unknown) => setFailed({ key, error }))
      .finally(() => (loading.current = false));
  }, [cache, key, query, range, next, full]);
  const moreError = failed?.key === key ? failed.error : null;
  return { more: next !== null && !full && moreError === null, full, loadMore, moreError };
}
