/** `/api/v1/applications`, argus/server/routes/applications.py */
import { request } from "./client";
import type { Applications, CreatedApplication } from "./types";

export type { Application, Applications, CreatedApplication } from "./types";

const path = "api/v1/applications";

export const getApplications = (): Promise<Applications> => request<Applications>({ path });

export const createApplication = (name: string): Promise<CreatedApplication> =>
  request<CreatedApplication>({ method: "POST", path, body: { name } });
