/** `/api/v1/metrics`, argus/server/routes/metrics.py */
import { request } from "./client";
import type { DistributionAnswer, MetricsAnswer, SeriesAnswer } from "./types";

export type { DistributionAnswer, MetricsAnswer, SeriesAnswer, SeriesInfo } from "./types";

/** What a chart asks for; the live subscription has the same fields. */
export interface MetricsQuery {
  app: string;
  name: readonly string[];
  agg: string;
  step: number;
  group_by: readonly string[];
  tag: readonly string[];
}

export interface DistributionQuery {
  app: string;
  name: string;
  step: number;
  tag: readonly string[];
}

export const getMetrics = (
  query: MetricsQuery,
  start: number,
  end: number,
  signal?: AbortSignal,
): Promise<MetricsAnswer> =>
  request<MetricsAnswer>({
    path: "api/v1/metrics",
    params: { ...query, start, end },
    ...(signal === undefined ? {} : { signal }),
  });

export const getSeries = (app: string): Promise<SeriesAnswer> =>
  request<SeriesAnswer>({ path: "api/v1/metrics/series", params: { app } });

export const getDistribution = (
  query: DistributionQuery,
  start: number,
  end: number,
  signal: AbortSignal,
): Promise<DistributionAnswer> =>
  request<DistributionAnswer>({ path: "api/v1/metrics/distribution", params: { ...query, start, end }, signal });
