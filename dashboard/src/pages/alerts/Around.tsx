/** From an alert, one click to the charts around it and to the logs around it. */
import { Link } from "react-router";

import { around } from "../../lib/alerts";
import { serverNow } from "../../lib/clock";
import { carriedAt } from "../../lib/range";

interface Props {
  rule: { metric_name: string | null; query: string | null; window: number };
  app: string;
  at: number;
  /** Of the page that one comes from. */
  search: string;
}

export function Around({ rule, app, at, search }: Props) {
  const { start, end } = around(at, rule.window, serverNow());
  const charts = rule.metric_name === null ? {} : { q: rule.metric_name };
  const lines = rule.query === null ? {} : { q: rule.query };
  return (
    <>
      <Link to={{ pathname: "/metrics", search: carriedAt(search, start, end, { app, ...charts }) }}>Charts around it</Link>
      <Link to={{ pathname: "/logs", search: carriedAt(search, start, end, { app, ...lines }) }}>Logs around it</Link>
    </>
  );
}
