/** `/api/v1/status`, argus/server/routes/status.py */
import { request } from "./client";
import type { Status } from "./types";

export type { JobStatus, Status, Store } from "./types";

export const getStatus = (signal: AbortSignal): Promise<Status> => request<Status>({ path: "api/v1/status", signal });
