/** `/api/v1/audit`, argus/server/routes/audit.py */
import { request } from "./client";
import type { AuditPage } from "./types";

export type { AuditEntry, AuditPage } from "./types";

export const getAudit = (before: number | null, signal: AbortSignal): Promise<AuditPage> =>
  request<AuditPage>({ path: "api/v1/audit", params: { limit: 50, before: before ?? undefined }, signal });
