/** `/api/v1/session`, argus/server/routes/session.py */
import { request } from "./client";
import type { Session } from "./types";

export type { Session } from "./types";

const path = "api/v1/session";

export const getSession = (): Promise<Session> => request<Session>({ path });

export const logIn = (password: string): Promise<Session> =>
  request<Session>({ method: "POST", path, body: { password } });

export const logOut = (): Promise<unknown> => request({ method: "DELETE", path });
