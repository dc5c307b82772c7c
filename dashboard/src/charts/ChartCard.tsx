/** One metric on a card: its controls, its chart in whichever state it is, its legend. */
import { memo, useCallback, useLayoutEffect, useMemo, useRef, useState } from "react";
import { useLocation, useNavigate } from "react-router";

import type { MetricsQuery } from "../api/metrics";
import { Empty, Failed, Loading } from "../components/States";
import { useNow } from "../components/useNow";
import { useDark } from "../components/useTheme";
import { useView } from "../components/useView";
import { thresholdsOf, type WatchedRule } from "../lib/alerts";
import { formatValue, unitOf } from "../lib/format";
import type { Chosen } from "../lib/layout";
import type { Mark } from "../lib/marks";
import type { Metric } from "../lib/metrics";
import { greatest, later, latest, lineKey } from "../lib/points";
import { bounds, carriedAt, previous, span, stepFor } from "../lib/range";
import { ChartHead } from "./ChartHead";
import type { Drawn } from "./ChartMenu";
import type { Selected } from "./crosshair";
import { HeatMap } from "./HeatMap";
import { LegendTable } from "./LegendTable";
import { TimeChart } from "./TimeChart";
import { hasBand, useBand } from "./useBand";
import { useDistribution } from "./useDistribution";
import { useMetrics } from "./useMetrics";
import { type ChangeLayout, useShown } from "./useShown";
import { useVisible } from "./useVisible";

/** More lines than these nobody can tell apart; the legend says how many there are. */
const MOST_LINES = 40;
const HEAT_COLUMNS = 160;

interface Props {
  app: string;
  metric: Metric;
  marks: readonly Mark[];
  /** The rules whose thresholds are drawn where they mean something. */
  rules: readonly WatchedRule[];
  chosen?: Chosen;
  changeLayout: ChangeLayout;
}

/** Drawn anew for its own data only: the page around it hears of every application once a second. */
export const ChartCard = memo(function ChartCard({ app, metric, marks, rules, chosen, changeLayout }: Props) {
  const card = useRef<HTMLElement>(null);
  const visible = useVisible(card);
  const dark = useDark();
  const view = useView();
  const shown = useShown(metric, chosen, changeLayout);
  const [alone, setAlone] = useState<string | null>(null);
  const step = stepFor(view.range);
  const query: MetricsQuery = {
    app,
    name: [metric.name],
    agg: shown.agg,
    step,
    group_by: shown.by === "" ? [] : [shown.by],
    tag: view.host === null ? [] : [`host:${view.host}`],
  };
  const metrics = useMetrics(query, view.range, visible && !shown.heat);
  const before = useBefore(query, visible && shown.compare && !shown.heat);
  const band = useBand(query, view.range, visible && hasBand(metric, shown, step));
  const unit = unitOf(metric.name, metric.kind, shown.agg);
  const thresholds = useMemo(
    () => thresholdsOf(rules, { app, name: metric.name, aggregation: shown.agg, step, unit }),
    [rules, app, metric.name, shown.agg, step, unit],
  );
  const lines = useMemo(() => greatest(metrics.lines, MOST_LINES), [metrics.lines]);
  const drawn = useMemo(
    () => (lines.some((line) => lineKey(line) === alone) ? lines.filter((line) => lineKey(line) === alone) : lines),
    [lines, alone],
  );
  const onSelected = useSelected(app);
  const single = lines.length === 1 && !shown.heat ? formatValue(latest(lines[0]), unit) : null;
  const range = { start: metrics.start, end: metrics.end };
  const onChart = useRef<Drawn>({ lines, ...range });
  useLayoutEffect(() => {
    onChart.current = { lines, ...range };
  });
  return (
    <section className={`panel chart-card ${chosen?.wide === true ? "wide" : ""}`} ref={card} aria-label={metric.name}>
      <ChartHead {...{ app, metric, shown, chosen, changeLayout, card }} drawn={onChart} empty={lines.length === 0} now={single} />
      {shown.heat ? (
        <Heat app={app} metric={metric} visible={visible} dark={dark} onSelected={onSelected} />
      ) : (
        <div className="plot" onDoubleClick={view.zoomOut}>
          {lines.length === 0 && <State name={metric.name} {...metrics} />}
          {lines.length > 0 && (
            <TimeChart
              label={`${metric.name}, ${shown.agg}`}
              {...{ lines: drawn, before, band, marks, thresholds, ...range, step, unit, dark, onSelected }}
            />
          )}
        </div>
      )}
      {lines.length > 1 && !shown.heat && <LegendTable {...{ lines, alone, unit, dark }} onAlone={setAlone} />}
      {metrics.lines.length > lines.length && (
        <div className="muted small">
          The {lines.length} greatest of {metrics.lines.length} series.
        </div>
      )}
    </section>
  );
});

interface StateProps {
  name: string;
  loading: boolean;
  error: unknown;
  retry: () => void;
}

function State({ name, loading, error, retry }: StateProps) {
  if (loading) return <Loading label={name} />;
  if (error !== null) return <Failed what={name} error={error} retry={retry} />;
  return <Empty>No data in this range.</Empty>;
}

interface HeatProps {
  app: string;
  metric: Metric;
  visible: boolean;
  dark: boolean;
  onSelected: Selected;
}

function Heat({ app, metric, visible, dark, onSelected }: HeatProps) {
  const view = useView();
  const step = stepFor(view.range, HEAT_COLUMNS);
  const query = { app, name: metric.name, step, tag: view.host === null ? [] : [`host:${view.host}`] };
  const { found, ...state } = useDistribution(query, view.range, visible);
  const { start, end } = bounds(view.range, useNow(step));
  const empty = found === undefined || found.times.length === 0;
  return (
    <div className="plot" onDoubleClick={view.zoomOut}>
      {empty && <State name={metric.name} {...state} />}
      {!empty && <HeatMap label={`${metric.name}, distribution`} {...{ found, start, end, step, dark, onSelected }} />}
    </div>
  );
}

const OFTEN = 60;

/** The lines of the period before, moved to lie over those of now. */
function useBefore(query: MetricsQuery, enabled: boolean): ReturnType<typeof later>[] {
  const { range } = useView();
  const now = useNow(OFTEN);
  const whole = Math.max(query.step, OFTEN);
  const { lines } = useMetrics(query, previous(range, whole, now), enabled);
  const length = span(range);
  return useMemo(() => (enabled ? lines.map((line) => later(line, length)) : []), [lines, length, enabled]);
}

/** A drag looks closer; with Shift it shows the logs of just that time and application. */
function useSelected(app: string): Selected {
  const { zoomIn } = useView();
  const navigate = useNavigate();
  const { search } = useLocation();
  return useCallback(
    (start, end, shift) => {
      if (shift) void navigate({ pathname: "/logs", search: carriedAt(search, Math.floor(start), Math.ceil(end), { app }) });
      else zoomIn(start, end);
    },
    [app, navigate, search, zoomIn],
  );
}
