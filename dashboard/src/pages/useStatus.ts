/** The server's state, asked for anew while one looks. */
import { useQuery, type UseQueryResult } from "@tanstack/react-query";

import { getStatus, type Status } from "../api/status";

const REFRESH_MILLISECONDS = 5_000;

export function useStatus(): UseQueryResult<Status> {
  return useQuery({ queryKey: ["status"], queryFn: ({ signal }) => getStatus(signal), refetchInterval: REFRESH_MILLISECONDS });
}
