/** The one way to the server's HTTP API. Components never call axios themselves. */
import axios, { AxiosError } from "axios";

import { setReachable } from "./reachable";
import type { ApiProblem } from "./types";

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    /** The parameter or the place in the body that is wrong, like `$.threshold`; empty for none. */
    readonly where = "",
  ) {
    super(message);
    this.name = "ApiError";
  }
}

const http = axios.create({
  baseURL: document.baseURI,
  timeout: 20_000,
  paramsSerializer: { indexes: null },
});

export interface Request {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  path: string;
  params?: Record<string, string | number | readonly string[] | undefined>;
  body?: unknown;
  signal?: AbortSignal;
}

export async function request<T>({ method = "GET", path, params, body, signal }: Request): Promise<T> {
  try {
    const answer = await http.request<T>({
      method,
      url: path,
      ...(params === undefined ? {} : { params }),
      ...(body === undefined ? {} : { data: body }),
      ...(signal === undefined ? {} : { signal }),
    });
    setReachable(true);
    return answer.data;
  } catch (error) {
    throw asApiError(error);
  }
}

function asApiError(error: unknown): unknown {
  if (!(error instanceof AxiosError) || error.code === AxiosError.ERR_CANCELED) return error;
  const { response } = error as AxiosError<Partial<ApiProblem> | undefined>;
  setReachable(response !== undefined);
  if (response === undefined) return new ApiError(0, "unreachable", "The server does not answer.");
  const problem = response.data?.error;
  return new ApiError(response.status, problem?.code ?? "internal", problem?.message ?? error.message, problem?.where);
}
