/** What a rule would have done in the last 7 days; asked for when its question has stood still for a moment. */
import { keepPreviousData, useQuery, type UseQueryResult } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { type Preview, previewRule } from "../../api/alerts";
import { closerStart } from "../../lib/preview";
import { questionOf, type RuleDraft } from "../../lib/ruleDraft";

const STILL_MILLISECONDS = 350;
const FRESH_MILLISECONDS = 60_000;

export function usePreview(draft: RuleDraft, suited: string, complete: boolean): UseQueryResult<Preview> {
  const question = complete ? JSON.stringify(questionOf(draft, suited)) : "";
  const [asked, setAsked] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setAsked(question), STILL_MILLISECONDS);
    return () => clearTimeout(timer);
  }, [question]);
  return useQuery({
    queryKey: ["preview", asked],
    queryFn: ({ signal }) => askFor(JSON.parse(asked) as ReturnType<typeof questionOf>, signal),
    enabled: asked !== "",
    staleTime: FRESH_MILLISECONDS,
    placeholderData: keepPreviousData,
    retry: false,
  });
}

/** The answer for the whole time, with the points of the part for which there are data. */
async function askFor(question: ReturnType<typeof questionOf>, signal: AbortSignal): Promise<Preview> {
  const whole = await previewRule(question, signal);
  const start = closerStart(whole);
  if (start === null) return whole;
  const { series } = await previewRule({ ...question, start, end: whole.end }, signal);
  return { ...whole, series };
}
