/** What happened to an application in a range, for all of its charts: asked for once, and now and then while time goes on. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";

import { getAnnotations } from "../api/alerts";
import { serverNow } from "../lib/clock";
import { type Mark, markOf } from "../lib/marks";
import { bounds, type Range } from "../lib/range";

const AGAIN_MILLISECONDS = 30_000;
const NONE: readonly Mark[] = [];

export function useMarks(app: string, range: Range): readonly Mark[] {
  const found = useQuery({
    queryKey: ["marks", app, range],
    queryFn: async ({ signal }) => {
      const { start, end } = bounds(range, serverNow());
      return (await getAnnotations(app, start, end, signal)).annotations.map(markOf);
    },
    placeholderData: keepPreviousData,
    refetchInterval: range.kind === "last" ? AGAIN_MILLISECONDS : false,
  });
  return found.data ?? NONE;
}
