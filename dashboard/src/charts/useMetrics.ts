/** A chart's data: the history, asked for once per range, with what the live connection adds. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";

import type { ServerMessage } from "../api/live";
import { getMetrics, type MetricsQuery } from "../api/metrics";
import { usePolling, useSubscription } from "../components/useLive";
import { type Line, mergePoints } from "../lib/points";
import { bounds, type Range, span } from "../lib/range";

export interface Metrics {
  lines: readonly Line[];
  start: number;
  end: number;
  loading: boolean;
  error: unknown;
  retry: () => void;
}

const NONE: readonly Line[] = [];

export function useMetrics(query: MetricsQuery, range: Range, enabled: boolean): Metrics {
  const polling = usePolling();
  const key = JSON.stringify([query, range]);
  const [fresh, setFresh] = useState<{ key: string; lines: readonly Line[]; at: number }>({ key, lines: NONE, at: 0 });
  const history = useQuery({
    queryKey: ["metrics", query, range],
    queryFn: async ({ signal }) => {
      const { start, end } = bounds(range, Date.now() / 1000);
      const answer = await getMetrics(query, start, end, signal);
      return { lines: answer.series, start, end };
    },
    enabled,
    placeholderData: keepPreviousData,
    refetchInterval: range.kind === "last" ? polling : false,
  });
  const { refetch } = history;
  const onMessage = useCallback(
    (message: ServerMessage) => {
      if (message.op !== "points") return;
      const now = Date.now() / 1000;
      setFresh((before) => ({
        key,
        at: now,
        lines: mergePoints(before.key === key ? before.lines : NONE, message.series, now - span(range)),
      }));
    },
    [key, range],
  );
  const onGap = useCallback(() => void refetch(), [refetch]);
  const wanted = enabled && range.kind === "last" ? ({ topic: "metrics", query } as const) : null;
  useSubscription(wanted, onMessage, onGap);

  const live = fresh.key === key ? fresh : null;
  const end = range.kind === "fixed" ? range.end : Math.max(history.data?.end ?? 0, live?.at ?? 0);
  const start = end - span(range);
  const known = history.data?.lines;
  const lines = useMemo(() => mergePoints(known ?? NONE, live?.lines ?? NONE, start), [known, live, start]);
  return { lines, start, end, loading: history.isPending, error: history.error, retry: onGap };
}
