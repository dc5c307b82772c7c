/** What a rule has looked at lately, window by window, as a line that goes on by itself. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import type { AlertRule } from "../../api/alerts";
import { getHistogram } from "../../api/logs";
import { type Metrics, useMetrics } from "../../charts/useMetrics";
import { useNow } from "../../components/useNow";
import { chartSeconds } from "../../lib/alerts";
import { serverNow } from "../../lib/clock";
import type { Line } from "../../lib/points";
import { bounds, type Range } from "../../lib/range";

const OFTEN_MILLISECONDS = 10_000;

export interface RuleLine extends Metrics {
  step: number;
}

export function useRuleLine(rule: AlertRule, app: string): RuleLine {
  const { window, metric_name: name, tags } = rule;
  const range = useMemo<Range>(() => ({ kind: "last", seconds: chartSeconds(window) }), [window]);
  const tag = Object.entries(tags).map(([key, value]) => `${key}:${value}`);
  const query = { app, name: [name ?? ""], agg: rule.aggregation, step: window, group_by: [], tag };
  const metric = useMetrics(query, range, name !== null);
  const logs = useLogLine(rule, app, range);
  return { ...(name === null ? logs : metric), step: window };
}

/** The lines that a search finds; a histogram counts them by level. */
function useLogLine(rule: AlertRule, app: string, range: Range): Metrics {
  const { query, window: step } = rule;
  const asked = useQuery({
    queryKey: ["alerts", "lines", app, query, range, step],
    queryFn: ({ signal }) => {
      const whole = Math.floor(serverNow() / step) * step; // the window that is under way has few lines yet
      return getHistogram({ app, q: query ?? "", level: [] }, { ...bounds(range, whole), step }, signal);
    },
    enabled: query !== null,
    placeholderData: keepPreviousData,
    refetchInterval: OFTEN_MILLISECONDS,
  });
  const lines = useMemo<readonly Line[]>(() => {
    if (asked.data === undefined) return [];
    const { start, counts } = asked.data;
    const levels = Object.values(counts);
    const values = levels[0]?.map((_, i) => levels.reduce((sum, level) => sum + (level[i] ?? 0), 0)) ?? [];
    return [{ name: "lines", tags: {}, times: values.map((_, i) => start + i * step), values }];
  }, [asked.data, step]);
  return { lines, ...bounds(range, useNow(step)), loading: asked.isPending, error: asked.error, retry: () => void asked.refetch() };
}
