/** The least and greatest values behind a line of means: a point that stands for many windows must not hide their peaks. */
import { useMemo } from "react";

import type { MetricsQuery } from "../api/metrics";
import type { Metric } from "../lib/metrics";
import { WINDOW_SECONDS, type Range } from "../lib/range";
import type { Band } from "./toDatasets";
import { useMetrics } from "./useMetrics";
import type { ChartView } from "./useShown";

/** Whether a chart has a band: means of a gauge, in one line, each of several windows. */
export const hasBand = ({ kind }: Metric, { agg, by, compare, heat }: ChartView, step: number): boolean =>
  kind === "gauge" && agg === "avg" && by === "" && !compare && !heat && step > WINDOW_SECONDS;

export function useBand(query: MetricsQuery, range: Range, enabled: boolean): Band | null {
  const least = useMetrics({ ...query, agg: "min" }, range, enabled).lines[0];
  const greatest = useMetrics({ ...query, agg: "max" }, range, enabled).lines[0];
  return useMemo(
    () => (enabled && least !== undefined && greatest !== undefined ? { least, greatest } : null),
    [enabled, least, greatest],
  );
}
