/** What happened, page by page, the newest first. While a message is under way its attempts are asked for again. */
import { type InfiniteData, keepPreviousData, useInfiniteQuery, type UseInfiniteQueryResult } from "@tanstack/react-query";

import { type AlertHistory, getAlertHistory, type HistoryQuery, type State } from "../../api/alerts";
import { serverNow } from "../../lib/clock";
import { untilNext } from "../../lib/delivery";

export interface Filter {
  app: string | null;
  rule: number | null;
  states: readonly State[];
  /** Seconds back from now; 0: ever. */
  within: number;
}

export function useHistory(filter: Filter): UseInfiniteQueryResult<InfiniteData<AlertHistory>> {
  return useInfiniteQuery({
    queryKey: ["alerts", "history", filter],
    queryFn: ({ pageParam, signal }) => getAlertHistory(queryOf(filter), pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => untilNext(state.data?.pages[0]?.events ?? [], serverNow()),
  });
}

function queryOf({ app, rule, states, within }: Filter): HistoryQuery {
  return {
    ...(app === null ? {} : { app }),
    ...(rule === null ? {} : { rule_id: rule }),
    state: states,
    ...(within === 0 ? {} : { start: serverNow() - within }),
  };
}
