/** The metrics that a rule can be about: those of its application, or of all of them. */
import { useQueries } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";

import { getSeries } from "../../api/metrics";
import { useApplications } from "../../components/useApplications";
import { defaultAggregation, type MetricKind, metricsOf } from "../../lib/metrics";

export interface KnownMetrics {
  names: readonly string[];
  kindOf: (name: string) => MetricKind | undefined;
  /** The aggregation that suits a metric. */
  suited: (name: string) => string;
}

const FRESH_MILLISECONDS = 30_000;

export function useKnownMetrics(app: string): KnownMetrics {
  const { data } = useApplications();
  const apps = app === "" ? (data?.applications.map((known) => known.app_id) ?? []) : [app];
  const series = useQueries({
    queries: apps.map((known) => ({ queryKey: ["series", known], queryFn: () => getSeries(known), staleTime: FRESH_MILLISECONDS })),
    combine: (answers) => answers.flatMap((answer) => answer.data?.series ?? []),
  });
  const metrics = useMemo(() => new Map(metricsOf(series).map((metric) => [metric.name, metric])), [series]);
  const names = useMemo(() => [...metrics.keys()].sort(), [metrics]);
  const kindOf = useCallback((name: string) => metrics.get(name.trim())?.kind, [metrics]);
  const suited = useCallback(
    (name: string) => {
      const metric = metrics.get(name.trim());
      return metric === undefined ? "avg" : defaultAggregation(metric);
    },
    [metrics],
  );
  return { names, kindOf, suited };
}
