/** `/api/v1/backups`, argus/server/routes/backups.py */
import { request } from "./client";
import type { Backups, StartedBackup } from "./types";

export type { BackupInfo, Backups, RunningBackup } from "./types";

const path = "api/v1/backups";

/** Where a browser fetches one; files of any size go past this page straight to its downloads. */
export const backupPath = (name: string): string => `${path}/${encodeURIComponent(name)}`;

export const getBackups = (signal: AbortSignal): Promise<Backups> => request<Backups>({ path, signal });

export const startBackup = (): Promise<StartedBackup> => request<StartedBackup>({ method: "POST", path });

export const deleteBackup = (name: string): Promise<unknown> => request({ method: "DELETE", path: backupPath(name) });
