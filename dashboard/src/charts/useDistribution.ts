/** How a timing's values spread over a range; asked for again when a step has passed. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";

import { type DistributionAnswer, type DistributionQuery, getDistribution } from "../api/metrics";
import { serverNow } from "../lib/clock";
import { bounds, type Range } from "../lib/range";

export interface DistributionState {
  found: DistributionAnswer | undefined;
  loading: boolean;
  error: unknown;
  retry: () => void;
}

export function useDistribution(query: DistributionQuery, range: Range, enabled: boolean): DistributionState {
  const asked = useQuery({
    queryKey: ["distribution", query, range],
    queryFn: ({ signal }) => {
      const { start, end } = bounds(range, serverNow());
      return getDistribution(query, start, end, signal);
    },
    enabled,
    placeholderData: keepPreviousData,
    refetchInterval: range.kind === "last" ? query.step * 1000 : false,
  });
  return { found: asked.data, loading: asked.isPending, error: asked.error, retry: () => void asked.refetch() };
}
