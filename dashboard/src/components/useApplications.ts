/** The applications, kept fresh by the live connection. */
import { useQuery, useQueryClient, type UseQueryResult } from "@tanstack/react-query";
import { useCallback } from "react";

import type { Applications } from "../api/applications";
import { getApplications } from "../api/applications";
import type { ServerMessage } from "../api/messages";
import { usePolling, useSubscription } from "./useLive";

const KEY = ["applications"];

export function useApplications(): UseQueryResult<Applications> {
  const cache = useQueryClient();
  const onMessage = useCallback(
    (message: ServerMessage) => {
      if (message.op === "applications") cache.setQueryData<Applications>(KEY, { applications: message.applications });
    },
    [cache],
  );
  const onGap = useCallback(() => void cache.invalidateQueries({ queryKey: KEY }), [cache]);
  useSubscription({ topic: "applications" }, onMessage, onGap);
  return useQuery({ queryKey: KEY, queryFn: getApplications, refetchInterval: usePolling() });
}
