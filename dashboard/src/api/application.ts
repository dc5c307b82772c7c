/** `/api/v1/applications/{app_id}`, argus/server/routes/application.py */
import { request } from "./client";
import type { ApplicationChange, ApplicationDetail } from "./types";

export type { ApplicationChange, ApplicationDetail, InstanceInfo, KeyInfo, Use } from "./types";

export const pathOf = (appId: string): string => `api/v1/applications/${encodeURIComponent(appId)}`;

export const getApplication = (appId: string, signal: AbortSignal): Promise<ApplicationDetail> =>
  request<ApplicationDetail>({ path: pathOf(appId), signal });

export const changeApplication = (appId: string, body: ApplicationChange): Promise<ApplicationDetail> =>
  request<ApplicationDetail>({ method: "PATCH", path: pathOf(appId), body });

export const deleteApplication = (appId: string): Promise<unknown> => request({ method: "DELETE", path: pathOf(appId) });
