/** A chart's name, its newest value, how its values are added up, and its menu. */
import { memo } from "react";
import Form from "react-bootstrap/Form";

import type { Chosen } from "../lib/layout";
import { aggregationsOf, type Metric } from "../lib/metrics";
import { ChartMenu, type Drawn } from "./ChartMenu";
import type { ChangeLayout, ChartView } from "./useShown";

interface ControlsProps {
  app: string;
  metric: Metric;
  shown: ChartView;
  chosen: Chosen | undefined;
  changeLayout: ChangeLayout;
  /** What is on the chart at the moment; whoever needs it looks there, and is not drawn anew for it. */
  drawn: React.RefObject<Drawn>;
  card: React.RefObject<HTMLElement | null>;
  empty: boolean;
}

export function ChartHead({ now, ...controls }: ControlsProps & { now: string | null }) {
  return (
    <div className="chart-head">
      <h3 title={controls.metric.name}>{controls.metric.name}</h3>
      {now !== null && <span className="now">{now}</span>}
      <Controls {...controls} />
    </div>
  );
}

/** Stays as it is while data come. */
const Controls = memo(function Controls(props: ControlsProps) {
  const { metric, shown } = props;
  return (
    <>
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
      <ChartMenu {...props} />
    </>
  );
});
