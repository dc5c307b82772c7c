/** `/api/v1/settings`, argus/server/routes/settings.py */
import { request } from "./client";
import type { SettingList } from "./types";

export type { Setting, SettingList } from "./types";

export const getSettings = (signal: AbortSignal): Promise<SettingList> => request<SettingList>({ path: "api/v1/settings", signal });
