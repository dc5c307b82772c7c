/** `/api/v1/alerts` and `/api/v1/annotations`, argus/server/routes/alerts.py and marks.py */
import { request } from "./client";
import type { AlertHistory, AlertRule, AlertRules, Annotations, Preview, PreviewBody, RuleBody, State } from "./types";

export type {
  AlertHistory,
  AlertRule,
  AlertRules,
  Annotation,
  ApplicationState,
  HistoryDelivery,
  HistoryEvent,
  Preview,
  RuleBody,
  Severity,
  State,
} from "./types";

const path = "api/v1/alerts";

/** Which part of the history is asked for. */
export interface HistoryQuery {
  app?: string;
  rule_id?: number;
  state: readonly State[];
  start?: number;
  end?: number;
}

const PAGE_EVENTS = 50;

export const getRules = (app: string | null): Promise<AlertRules> =>
  request<AlertRules>({ path, params: app === null ? {} : { app } });

export const addRule = (body: RuleBody): Promise<AlertRule> => request<AlertRule>({ method: "POST", path, body });

export const replaceRule = (id: number, body: RuleBody): Promise<AlertRule> =>
  request<AlertRule>({ method: "PUT", path: `${path}/${id}`, body });

export const enableRule = (id: number, enabled: boolean): Promise<AlertRule> =>
  request<AlertRule>({ method: "PATCH", path: `${path}/${id}`, body: { enabled } });

export const deleteRule = (id: number): Promise<unknown> => request({ method: "DELETE", path: `${path}/${id}` });

export const acknowledge = (id: number, app: string): Promise<AlertRule> =>
  request<AlertRule>({ method: "POST", path: `${path}/${id}/acknowledge`, params: { app } });

export const previewRule = (body: PreviewBody, signal: AbortSignal): Promise<Preview> =>
  request<Preview>({ method: "POST", path: `${path}/preview`, body, signal });

export const getAlertHistory = (query: HistoryQuery, cursor: string | null, signal: AbortSignal): Promise<AlertHistory> =>
  request<AlertHistory>({
    path: `${path}/history`,
    params: { ...query, limit: PAGE_EVENTS, ...(cursor === null ? {} : { cursor }) },
    signal,
  });

export const getAnnotations = (app: string, start: number, end: number, signal: AbortSignal): Promise<Annotations> =>
  request<Annotations>({ path: "api/v1/annotations", params: { app, start, end }, signal });
