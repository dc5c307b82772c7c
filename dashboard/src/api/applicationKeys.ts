/** `/api/v1/applications/{app_id}/keys`, argus/server/routes/application_keys.py */
import { pathOf } from "./application";
import { request } from "./client";
import type { CreatedKey, NewKey, Rotation } from "./types";

export type { CreatedKey } from "./types";

const keyPath = (appId: string, keyId: string): string => `${pathOf(appId)}/keys/${encodeURIComponent(keyId)}`;

export const createKey = (appId: string, body: NewKey): Promise<CreatedKey> =>
  request<CreatedKey>({ method: "POST", path: `${pathOf(appId)}/keys`, body });

export const rotateKey = (appId: string, keyId: string, body: Rotation): Promise<CreatedKey> =>
  request<CreatedKey>({ method: "POST", path: `${keyPath(appId, keyId)}/rotate`, body });

export const revokeKey = (appId: string, keyId: string): Promise<unknown> => request({ method: "DELETE", path: keyPath(appId, keyId) });
