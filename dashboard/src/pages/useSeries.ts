/**
 * The series of an application. The live list of applications says how many there are: when that is more than are known
 * here, new ones have come, and they are asked for at once.
 */
import { keepPreviousData, useQuery, type UseQueryResult } from "@tanstack/react-query";

import { getSeries, type SeriesAnswer } from "../api/metrics";
import { useApplications } from "../components/useApplications";

const SOON_MILLISECONDS = 1_000;
/** Series that replace others leave their number as it is. */
const SELDOM_MILLISECONDS = 30_000;

export function useSeries(app: string): UseQueryResult<SeriesAnswer> {
  const { data } = useApplications();
  const active = data?.applications.find((known) => known.app_id === app)?.series ?? 0;
  return useQuery({
    queryKey: ["series", app],
    queryFn: () => getSeries(app),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => ((state.data?.series.length ?? active) < active ? SOON_MILLISECONDS : SELDOM_MILLISECONDS),
  });
}
