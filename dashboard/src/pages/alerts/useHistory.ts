/** What happened, page by page, the newest first. While a message is under way its attempts are asked for again. */
import { type InfiniteData, keepPreviousData, useInfiniteQuery, type UseInfiniteQueryResult } from "@tanstack/react-query";

import { type AlertHistory, getAlertHistory, type HistoryQuery, type State } from "../../api/alerts";
import { serverNow } from "../../lib/clock";

export interface Filter {
  app: string | null;
  rule: number | null;
  states: readonly State[];
  /** Seconds back from now; 0: ever. */
  within: number;
}

const UNDER_WAY_MILLISECONDS = 2_000;

export function useHistory(filter: Filter): UseInfiniteQueryResult<InfiniteData<AlertHistory>> {
  return useInfiniteQuery({
    queryKey: ["alerts", "history", filter],
    queryFn: ({ pageParam, signal }) => getAlertHistory(queryOf(filter), pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (isUnderWay(state.data) ? UNDER_WAY_MILLISECONDS : false),
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

/** Whether something of the newest page is yet to be delivered. */
function isUnderWay(data: InfiniteData<AlertHistory> | undefined): boolean {
  return data?.pages[0]?.events.some((event) => event.deliveries.some((delivery) => delivery.state === "pending")) === true;
}
