/** How many lines a search has, by level and time; asked for again while time goes on. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";

import { getHistogram, type HistogramAnswer, type LogsQuery } from "../api/logs";
import { serverNow } from "../lib/clock";
import { barStep, bounds, type Range } from "../lib/range";

const LEAST_MILLISECONDS = 5_000;

export function useHistogram(app: string | null, q: string, range: Range): HistogramAnswer | undefined {
  const step = barStep(range);
  const asked = useQuery({
    queryKey: ["histogram", app, q, range],
    queryFn: ({ signal }) => {
      const query: LogsQuery = { ...(app === null ? {} : { app }), q, level: [] };
      return getHistogram(query, { ...bounds(range, serverNow()), step }, signal);
    },
    placeholderData: keepPreviousData,
    refetchInterval: range.kind === "last" ? Math.max(LEAST_MILLISECONDS, step * 1000) : false,
  });
  return asked.data;
}
