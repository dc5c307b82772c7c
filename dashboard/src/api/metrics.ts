/** `/api/v1/metrics`, argus/server/routes/metrics.py */
import type { Line } from "../lib/points";
import { request } from "./client";

export interface MetricsAnswer {
  start: number;
  end: number;
  step: number;
  agg: string;
  tier: string;
  series: Line[];
}

/** What a chart asks for; the live subscription has the same fields. */
export interface MetricsQuery {
  app: string;
  name: readonly string[];
  agg: string;
  step: number;
  group_by: readonly string[];
  tag: readonly string[];
}

export interface SeriesInfo {
  name: string;
  tags: Record<string, string>;
  kind: "counter" | "gauge" | "timing";
  host: string;
  last_seen: number;
}

export interface SeriesAnswer {
  series: SeriesInfo[];
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
