/** One metric on a card: its controls, its chart in whichever state it is, its legend. */
import { useEffect, useRef, useState } from "react";
import Form from "react-bootstrap/Form";

import type { MetricsQuery } from "../api/metrics";
import { Empty, Failed, Loading } from "../components/States";
import { useDark } from "../components/useTheme";
import { useView } from "../components/useView";
import { formatValue, unitOf } from "../lib/format";
import type { Metric } from "../lib/metrics";
import { aggregationsOf, defaultAggregation } from "../lib/metrics";
import { latest } from "../lib/points";
import { stepFor } from "../lib/range";
import { LegendTable } from "./LegendTable";
import { TimeChart } from "./TimeChart";
import { useMetrics } from "./useMetrics";

export function ChartCard({ app, metric }: { app: string; metric: Metric }) {
  const card = useRef<HTMLElement>(null);
  const visible = useVisible(card);
  const dark = useDark();
  const view = useView();
  const agg = view.get(`agg.${metric.name}`) || defaultAggregation(metric);
  const groupBy = view.get(`by.${metric.name}`);
  const step = stepFor(view.range);
  const query: MetricsQuery = {
    app,
    name: [metric.name],
    agg,
    step,
    group_by: groupBy === "" ? [] : [groupBy],
    tag: view.host === null ? [] : [`host:${view.host}`],
  };
  const { lines, start, end, loading, error, retry } = useMetrics(query, view.range, visible);
  const unit = unitOf(metric.name, metric.kind, agg);
  const zoomTo = (from: number, to: number): void => view.setRange({ kind: "fixed", start: from, end: to });
  const single = lines.length === 1 ? lines[0] : undefined;
  return (
    <section className="panel chart-card" ref={card} aria-label={metric.name}>
      <div className="chart-head">
        <h3>{metric.name}</h3>
        {single !== undefined && <span className="now">{formatValue(latest(single), unit)}</span>}
        <Form.Select
          size="sm"
          aria-label={`Aggregation of ${metric.name}`}
          value={agg}
          onChange={(event) => view.set(`agg.${metric.name}`, event.target.value)}
        >
          {aggregationsOf(metric.kind).map((name) => (
            <option key={name}>{name}</option>
          ))}
        </Form.Select>
        {metric.tags.length > 0 && (
          <Form.Select
            size="sm"
            aria-label={`Group ${metric.name} by`}
            value={groupBy}
            onChange={(event) => view.set(`by.${metric.name}`, event.target.value)}
          >
            <option value="">all in one</option>
            {metric.tags.map((tag) => (
              <option key={tag} value={tag}>
                by {tag}
              </option>
            ))}
          </Form.Select>
        )}
      </div>
      <div className="plot" onDoubleClick={() => window.history.back()}>
        {loading && <Loading label={metric.name} />}
        {!loading && error !== null && lines.length === 0 && <Failed what={metric.name} error={error} retry={retry} />}
        {!loading && error === null && lines.length === 0 && <Empty>No data in this range.</Empty>}
        {lines.length > 0 && (
          <TimeChart
            label={`${metric.name}, ${agg}`}
            lines={lines}
            start={start}
            end={end}
            step={step}
            unit={unit}
            dark={dark}
            onZoomTo={zoomTo}
          />
        )}
      </div>
      {lines.length > 1 && <LegendTable lines={lines} unit={unit} dark={dark} />}
    </section>
  );
}

/** Whether the element has come near the visible part of the page; charts far below do not ask for data. */
function useVisible(element: React.RefObject<HTMLElement | null>): boolean {
  const [visible, setVisible] = useState(false);
  useEffect(() => {
    const target = element.current;
    if (target === null) return undefined;
    const observer = new IntersectionObserver(
      (entries) => setVisible(entries.some((entry) => entry.isIntersecting)),
      { rootMargin: "200px" },
    );
    observer.observe(target);
    return () => observer.disconnect();
  }, [element]);
  return visible;
}
