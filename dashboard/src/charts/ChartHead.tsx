/** A chart's name, its newest value, and how its values are added up. */
import type { ReactNode } from "react";
import Form from "react-bootstrap/Form";

import { aggregationsOf, type Metric } from "../lib/metrics";
import type { ChartView } from "./useShown";

interface Props {
  metric: Metric;
  shown: ChartView;
  now: string | null;
  children: ReactNode;
}

export function ChartHead({ metric, shown, now, children }: Props) {
  return (
    <div className="chart-head">
      <h3 title={metric.name}>{metric.name}</h3>
      {now !== null && <span className="now">{now}</span>}
      {!shown.heat && (
        <Form.Select
          size="sm"
          aria-label={`Aggregation of ${metric.name}`}
          value={shown.agg}
          onChange={(event) => shown.change({ agg: event.target.value })}
        >
          {aggregationsOf(metric.kind).map((name) => (
            <option key={name}>{name}</option>
          ))}
        </Form.Select>
      )}
      {!shown.heat && metric.tags.length > 0 && (
        <Form.Select
          size="sm"
          aria-label={`Group ${metric.name} by`}
          value={shown.by}
          onChange={(event) => shown.change({ by: event.target.value })}
        >
          <option value="">all in one</option>
          {metric.tags.map((tag) => (
            <option key={tag} value={tag}>
              by {tag}
            </option>
          ))}
        </Form.Select>
      )}
      {children}
    </div>
  );
}
