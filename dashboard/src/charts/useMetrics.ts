/** A chart's data: the history, asked for once per range, to which the live connection adds. */
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";

import { getMetrics, type MetricsQuery } from "../api/metrics";
import type { Heard } from "../api/subscriptions";
import { usePolling, useSubscription } from "../components/useLive";
import { useNow } from "../components/useNow";
import { serverNow } from "../lib/clock";
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

interface History {
  lines: Line[];
  end: number;
}

const NONE: readonly Line[] = [];
const LONGEST_TICK = 10;

/** Points that came while the history was on its way, by its key: it may have been answered before they were stored. */
const arriving = new Map<string, (readonly Line[])[]>();

async function ask(key: string, query: MetricsQuery, range: Range, signal: AbortSignal): Promise<History> {
  const { start, end } = bounds(range, serverNow());
  const since: (readonly Line[])[] = [];
  arriving.set(key, since);
  try {
    const { series } = await getMetrics(query, start, end, signal);
    return { lines: since.reduce<Line[]>((lines, fresh) => mergePoints(lines, fresh, start), series), end };
  } finally {
    if (arriving.get(key) === since) arriving.delete(key);
  }
}

export function useMetrics(query: MetricsQuery, range: Range, enabled: boolean): Metrics {
  const cache = useQueryClient();
  const polling = usePolling();
  const now = useNow(Math.min(query.step, LONGEST_TICK));
  const follows = range.kind === "last";
  const length = span(range);
  const key = JSON.stringify([query, range]);
  const onHeard = useCallback(
    (heard: Heard) => {
      if (heard.op !== "points") return;
      arriving.get(key)?.push(heard.series);
      const end = serverNow();
      cache.setQueryData<History>(["metrics", key], (known) =>
        known === undefined ? known : { lines: mergePoints(known.lines, heard.series, end - length), end },
      );
    },
    [cache, key, length],
  );
  const onGap = useCallback(() => void cache.refetchQueries({ queryKey: ["metrics", key] }), [cache, key]);
  const ready = useSubscription(enabled && follows ? { topic: "metrics", query } : null, onHeard, onGap);
  const history = useQuery({
    queryKey: ["metrics", key],
    queryFn: ({ signal }) => ask(key, query, range, signal),
    enabled: enabled && ready,
    placeholderData: keepPreviousData,
    refetchInterval: follows ? polling : false,
    structuralSharing: false, // lines that did not change are the same already; comparing every point takes longer than drawing them
  });
  const end = range.kind === "fixed" ? range.end : Math.max(history.data?.end ?? 0, now);
  return {
    lines: history.data?.lines ?? NONE,
    start: end - length,
    end,
    loading: history.isPending,
    error: history.error,
    retry: onGap,
  };
}
