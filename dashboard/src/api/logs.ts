/** `/api/v1/logs`, argus/server/routes/logs.py */
import { request } from "./client";
import type { HistogramAnswer, LogsAnswer } from "./types";

export type { HistogramAnswer, LogLine, LogsAnswer } from "./types";

export const LEVELS = ["ERROR", "WARN", "INFO", "DEBUG"] as const;
export type Level = (typeof LEVELS)[number];

/** What the logs page asks for; the live subscription has the same fields. */
export interface LogsQuery {
  app?: string;
  q: string;
  level: readonly string[];
}

/** A page of history goes on at a cursor; `after` an id come the lines that were stored since. */
export interface LogsPage {
  start: number;
  end: number;
  cursor?: string;
  after?: number;
  limit?: number;
}

export const PAGE_LINES = 500;
/** Who scrolls back wants to go far. */
export const OLDER_LINES = 1_000;

export const getLogs = (query: LogsQuery, page: LogsPage, signal?: AbortSignal): Promise<LogsAnswer> =>
  request<LogsAnswer>({
    path: "api/v1/logs",
    params: { ...query, limit: PAGE_LINES, ...page },
    ...(signal === undefined ? {} : { signal }),
  });

export const getHistogram = (
  query: LogsQuery,
  range: { start: number; end: number; step: number },
  signal?: AbortSignal,
): Promise<HistogramAnswer> =>
  request<HistogramAnswer>({
    path: "api/v1/logs/histogram",
    params: { ...query, ...range },
    ...(signal === undefined ? {} : { signal }),
  });
