/** What an overview card draws over the chosen time: three gauges, in one subscription, and the errors in its log. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";

import { getHistogram } from "../api/logs";
import { useMetrics, type Metrics } from "../charts/useMetrics";
import { serverNow } from "../lib/clock";
import type { Line } from "../lib/points";
import { bounds, type Range, stepFor } from "../lib/range";

const NAMES = ["cpu_percent", "memory_percent", "argus.overhead_percent"];
const MOST_POINTS = 90;
const MINUTE = 60;

export function useCardMetrics(app: string, range: Range, visible: boolean): Metrics {
  return useMetrics({ app, name: NAMES, agg: "avg", step: stepFor(range, MOST_POINTS), group_by: [], tag: [] }, range, visible);
}

/** Errors per minute. Their number in the live list of applications tells when there are more. */
export function useErrors(app: string, range: Range, inLastHour: number, visible: boolean): Line | undefined {
  const step = Math.max(MINUTE, stepFor(range, MOST_POINTS));
  const asked = useQuery({
    queryKey: ["errors", app, range, inLastHour],
    queryFn: ({ signal }) => getHistogram({ app, q: "", level: ["ERROR"] }, { ...bounds(range, serverNow()), step }, signal),
    enabled: visible,
    placeholderData: keepPreviousData,
    refetchInterval: inLastHour > 0 && range.kind === "last" ? step * 1000 : false,
  });
  const counts = asked.data?.counts["ERROR"];
  if (asked.data === undefined || counts === undefined) return undefined;
  const { start } = asked.data;
  const minutes = asked.data.step / MINUTE;
  return { name: "errors", tags: {}, times: counts.map((_, i) => start + i * step), values: counts.map((count) => Math.round((100 * count) / minutes) / 100) };
}
