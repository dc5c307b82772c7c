/** What the rule would have done in the last 7 days: how often it would have fired, and when, on a chart with its threshold. */
import type { UseQueryResult } from "@tanstack/react-query";
import { useMemo } from "react";

import type { Preview } from "../../api/alerts";
import { Empty, Failed, Loading } from "../../components/States";
import { lengthText } from "../../lib/alerts";
import { firedText, previewLines, reachOf, WHOLE } from "../../lib/preview";
import type { RuleDraft } from "../../lib/ruleDraft";
import { RuleChart } from "./RuleChart";

interface Props {
  preview: UseQueryResult<Preview>;
  draft: RuleDraft;
  suited: string;
}

export function PreviewPanel({ preview, draft, suited }: Props) {
  const { data, error, isFetching, refetch } = preview;
  return (
    <section className="preview" aria-label="Preview">
      <h3>Over the last {data === undefined ? WHOLE : reachOf(data)}</h3>
      {data !== undefined && error === null ? (
        <div className={isFetching ? "renewing" : ""} aria-busy={isFetching}>
          <Found {...{ data, draft, suited }} />
        </div>
      ) : (
        <div className="plot">
          {error !== null ? (
            <Failed what="The preview" error={error} retry={() => void refetch()} />
          ) : isFetching ? (
            <Loading label="preview" />
          ) : (
            <Empty>Name a metric and a threshold, and here stands when the rule would have fired.</Empty>
          )}
        </div>
      )}
    </section>
  );
}

function Found({ data, draft, suited }: { data: Preview; draft: RuleDraft; suited: string }) {
  const { lines, step, start, end } = useMemo(() => previewLines(data), [data]);
  const spans = useMemo(() => data.incidents.map((one) => ({ start: one.start, end: one.end ?? data.end })), [data]);
  const rule = {
    metric_name: draft.about === "logs" ? null : draft.metric,
    aggregation: draft.about === "logs" ? "count" : draft.aggregation || suited,
    condition: draft.condition,
    threshold: Number(draft.threshold),
  };
  const empty = lines.every((line) => line.values.every((value) => value === null));
  return (
    <>
      <p className="preview-fired" role="status">
        {firedText(data.fired)}
      </p>
      <p className="muted small">
        {data.condition_text}
        {draft.for > 0 && `, for ${lengthText(draft.for)}`}
        {data.messages > 0 && ` · ${data.messages} ${data.messages === 1 ? "message" : "messages"} to each place`}
      </p>
      <div className="plot">
        {empty ? <Empty>No data in this time.</Empty> : <RuleChart label={`Preview: ${data.condition_text}`} {...{ rule, lines, spans, start, end, step }} />}
      </div>
      {reachOf(data) !== WHOLE && (
        <p className="muted small mt-2 mb-0">Fine summaries are kept no longer. Windows of 5 min, 10 min and so on are looked at over 7 days.</p>
      )}
    </>
  );
}
