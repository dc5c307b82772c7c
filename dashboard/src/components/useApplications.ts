/** The applications, kept fresh by the live connection. */
import { useQuery, useQueryClient, type UseQueryResult } from "@tanstack/react-query";
import { useCallback } from "react";

import type { Applications } from "../api/applications";
import { getApplications } from "../api/applications";
import type { Heard } from "../api/subscriptions";
import { usePolling, useSubscription } from "./useLive";

const KEY = ["applications"];

export function useApplications(): UseQueryResult<Applications> {
  const cache = useQueryClient();
  const onHeard = useCallback(
    (heard: Heard) => {
      if (heard.op === "applications") cache.setQueryData<Applications>(KEY, { applications: heard.applications });
    },
    [cache],
  );
  const onGap = useCallback(() => void cache.invalidateQueries({ queryKey: KEY }), [cache]);
  useSubscription({ topic: "applications" }, onHeard, onGap);
  return useQuery({ queryKey: KEY, queryFn: getApplications, refetchInterval: usePolling() });
}
