/** `/api/v1/session`, argus/server/routes/session.py */
import { request } from "./client";
import type { NewPassword, Session } from "./types";

export type { Session } from "./types";

const path = "api/v1/session";

export const getSession = (): Promise<Session> => request<Session>({ path });

export const logIn = (password: string): Promise<Session> =>
  request<Session>({ method: "POST", path, body: { password } });

/** Ends every session; the answer sets the cookie of a new one. */
export const changePassword = (body: NewPassword): Promise<Session> => request<Session>({ method: "POST", path: `${path}/password`, body });

export const logOutEverywhere = (): Promise<unknown> => request({ method: "DELETE", path, params: { everywhere: "true" } });

export const logOut = (): Promise<unknown> => request({ method: "DELETE", path });
