/** The events of an application in a range, for all of its charts: asked for once, and now and then while time goes on. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";

import { getLogs } from "../api/logs";
import { serverNow } from "../lib/clock";
import { EVENT_LOGGER, type Mark, markOf } from "../lib/marks";
import { bounds, type Range } from "../lib/range";

const AGAIN_MILLISECONDS = 30_000;
const MOST = 200;
const NONE: readonly Mark[] = [];

export function useMarks(app: string | undefined, range: Range): readonly Mark[] {
  const found = useQuery({
    queryKey: ["marks", app, range],
    queryFn: async ({ signal }) => {
      const { start, end } = bounds(range, serverNow());
      const query = { ...(app === undefined ? {} : { app }), q: `logger:${EVENT_LOGGER}`, level: [] };
      const answer = await getLogs(query, { start, end, limit: MOST }, signal);
      return answer.logs.map(markOf);
    },
    enabled: app !== undefined,
    placeholderData: keepPreviousData,
    refetchInterval: range.kind === "last" ? AGAIN_MILLISECONDS : false,
  });
  return found.data ?? NONE;
}
