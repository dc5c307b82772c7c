/** What an overview card draws: the last hour of three gauges, in one subscription. */
import { useMetrics, type Metrics } from "../charts/useMetrics";
import type { Range } from "../lib/range";

const NAMES = ["cpu_percent", "memory_percent", "argus.overhead_percent"];
const LAST_HOUR: Range = { kind: "last", seconds: 3600 };
const STEP = 60;

export function useCardMetrics(app: string): Metrics {
  return useMetrics({ app, name: NAMES, agg: "avg", step: STEP, group_by: [], tag: [] }, LAST_HOUR, true);
}
