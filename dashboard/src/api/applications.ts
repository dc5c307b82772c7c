/** `/api/v1/applications`, argus/server/routes/applications.py */
import { request } from "./client";

export interface Application {
  app_id: string;
  name: string;
  created_at: number;
  key_prefixes: string[];
  last_seen: number | null;
  hosts: string[];
  instances: number;
  series: number;
  errors_last_hour: number;
}

export interface Applications {
  applications: Application[];
}

export interface CreatedApplication {
  app_id: string;
  name: string;
  api_key: string;
  created_at: number;
}

const path = "api/v1/applications";

export const getApplications = (): Promise<Applications> => request<Applications>({ path });

export const createApplication = (name: string): Promise<CreatedApplication> =>
  request<CreatedApplication>({ method: "POST", path, body: { name } });
