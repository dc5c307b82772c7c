/** `/api/v1/silences`, argus/server/routes/silences.py */
import { request } from "./client";
import type { SilenceBody, Silences, SilenceState } from "./types";

export type { SilenceBody, Silences, SilenceState } from "./types";

const path = "api/v1/silences";

export const getSilences = (): Promise<Silences> => request<Silences>({ path });

export const addSilence = (body: SilenceBody): Promise<SilenceState> => request<SilenceState>({ method: "POST", path, body });

export const changeSilence = (id: number, body: SilenceBody): Promise<SilenceState> =>
  request<SilenceState>({ method: "PUT", path: `${path}/${id}`, body });

export const endSilence = (id: number): Promise<unknown> => request({ method: "DELETE", path: `${path}/${id}` });
