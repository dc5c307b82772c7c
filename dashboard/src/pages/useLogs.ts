/** The log lines of a search: pages of history, newest first, and the live tail on top. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";

import type { ServerMessage } from "../api/live";
import { getLogs, type LogLine, type LogsQuery } from "../api/logs";
import { usePolling, useSubscription } from "../components/useLive";
import { mergeTail } from "../lib/tail";
import { bounds, type Range } from "../lib/range";

export interface Logs {
  lines: readonly LogLine[];
  loading: boolean;
  error: unknown;
  retry: () => void;
  more: boolean;
  loadMore: () => void;
  tailing: boolean;
  setTailing: (on: boolean) => void;
}

const NONE: readonly LogLine[] = [];

export function useLogs(app: string | null, q: string, levels: readonly string[], range: Range): Logs {
  const [tailing, setTailing] = useState(true);
  const level = levels.join(",");
  const query = useMemo<LogsQuery>(
    () => ({ ...(app === null ? {} : { app }), q, level: level.split(",").filter(Boolean) }),
    [app, q, level],
  );
  const key = JSON.stringify([query, range]);
  const [tail, setTail] = useState<{ key: string; lines: readonly LogLine[] }>({ key, lines: NONE });
  const polling = usePolling();
  const history = useInfiniteQuery({
    queryKey: ["logs", query, range],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) => {
      const { start, end } = bounds(range, Date.now() / 1000 + 60);
      return getLogs(query, { start, end, cursor: pageParam }, signal);
    },
    getNextPageParam: (page) => page.next,
    refetchInterval: tailing && range.kind === "last" ? polling : false,
  });
  const { refetch, fetchNextPage } = history;
  const onMessage = useCallback(
    (message: ServerMessage) => {
      if (message.op !== "logs") return;
      setTail((before) => ({ key, lines: mergeTail(before.key === key ? before.lines : NONE, message.logs) }));
    },
    [key],
  );
  const retry = useCallback(() => void refetch(), [refetch]);
  const wanted = tailing && range.kind === "last" ? ({ topic: "logs", query } as const) : null;
  useSubscription(wanted, onMessage, retry);

  const pages = history.data?.pages;
  const fresh = tail.key === key ? tail.lines : NONE;
  const lines = useMemo(() => {
    const known = pages?.flatMap((page) => page.logs) ?? [];
    const seen = new Set(known.map((line) => line.id));
    return [...fresh.filter((line) => !seen.has(line.id)), ...known];
  }, [pages, fresh]);
  return {
    lines,
    loading: history.isPending,
    error: history.error,
    retry,
    more: history.hasNextPage && !history.isFetchingNextPage,
    loadMore: useCallback(() => void fetchNextPage(), [fetchNextPage]),
    tailing: tailing && range.kind === "last",
    setTailing,
  };
}
