/** Rules, silences and channels, kept fresh: the live connection says when a rule changes its state. */
import { keepPreviousData, useMutation, type UseMutationResult, useQuery, useQueryClient, type UseQueryResult } from "@tanstack/react-query";
import { useCallback } from "react";

import { getRules } from "../api/alerts";
import { getChannels } from "../api/channels";
import { getSilences } from "../api/silences";
import type { Heard } from "../api/subscriptions";
import type { AlertRules, Channels, Silences } from "../api/types";
import { watched, type WatchedRule } from "../lib/alerts";
import { useSubscription } from "./useLive";

/** The last value of each rule moves with every pass, which no message tells. */
const VALUES_MILLISECONDS = 15_000;

/** All that a transition, or an act of a person, may change. */
const CHANGED = [["alerts"], ["silences"], ["marks"]];

export function useRefreshed(): () => void {
  const cache = useQueryClient();
  return useCallback(() => {
    for (const queryKey of CHANGED) void cache.invalidateQueries({ queryKey });
  }, [cache]);
}

/** What is shown of alerts follows what the server tells. Once for each page that shows some. */
export function useAlertNews(): void {
  const refresh = useRefreshed();
  const onHeard = useCallback(
    (heard: Heard) => {
      if (heard.op === "alerts") refresh();
    },
    [refresh],
  );
  useSubscription({ topic: "alerts" }, onHeard, refresh);
}

export const useRules = (app: string | null): UseQueryResult<AlertRules> =>
  useQuery({ queryKey: ["alerts", "rules", app], queryFn: () => getRules(app), placeholderData: keepPreviousData, refetchInterval: VALUES_MILLISECONDS });

const NO_RULES: readonly WatchedRule[] = [];
const allWatched = ({ rules }: AlertRules): readonly WatchedRule[] => rules.map(watched);

/** The rules of an application as its charts know them: the same list for as long as no rule is changed. */
export function useWatched(app: string): readonly WatchedRule[] {
  const found = useQuery({ queryKey: ["alerts", "rules", app], queryFn: () => getRules(app), select: allWatched });
  return found.data ?? NO_RULES;
}

export const useSilences = (): UseQueryResult<Silences> =>
  useQuery({ queryKey: ["silences"], queryFn: getSilences, refetchInterval: VALUES_MILLISECONDS });

export const useChannels = (): UseQueryResult<Channels> => useQuery({ queryKey: ["channels"], queryFn: ({ signal }) => getChannels(signal) });

/** Something a person does to rules or silences; afterwards what is shown is asked for again. */
export function useAct<Asked, Answer>(act: (asked: Asked) => Promise<Answer>, onDone?: (answer: Answer) => void): UseMutationResult<Answer, Error, Asked> {
  const refresh = useRefreshed();
  return useMutation<Answer, Error, Asked>({
    mutationFn: act,
    onSuccess: (answer) => {
      refresh();
      onDone?.(answer);
    },
  });
}
