/** `/api/v1/session`, argus/server/routes/session.py */
import { request } from "./client";

export interface Session {
  user: string;
  expires_at: number;
  version: string;
}

const path = "api/v1/session";

export const getSession = (): Promise<Session> => request<Session>({ path });

export const logIn = (password: string): Promise<Session> =>
  request<Session>({ method: "POST", path, body: { password } });

export const logOut = (): Promise<unknown> => request({ method: "DELETE", path });
