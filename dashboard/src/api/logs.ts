/** `/api/v1/logs`, argus/server/routes/logs.py */
import { request } from "./client";
import type { LogsAnswer } from "./types";

export type { LogLine, LogsAnswer } from "./types";

export const LEVELS = ["ERROR", "WARN", "INFO", "DEBUG"] as const;
export type Level = (typeof LEVELS)[number];

/** What the logs page asks for; the live subscription has the same fields. */
export interface LogsQuery {
  app?: string;
  q: string;
  level: readonly string[];
}

export const getLogs = (
  query: LogsQuery,
  page: { start: number; end: number; cursor: string | null },
  signal?: AbortSignal,
): Promise<LogsAnswer> =>
  request<LogsAnswer>({
    path: "api/v1/logs",
    params: { ...query, start: page.start, end: page.end, limit: 500, cursor: page.cursor ?? undefined },
    ...(signal === undefined ? {} : { signal }),
  });
