/** A thin wrapper around Chart.js: data and view in, canvas out. States and controls are ChartCard's. */
import { Chart as ChartJS, Filler, LinearScale, LineController, LineElement, PointElement, Tooltip } from "chart.js";
import { useEffect, useMemo, useRef } from "react";
import { Line as LineChart } from "react-chartjs-2";

import type { Unit } from "../lib/format";
import type { Mark } from "../lib/marks";
import type { Line } from "../lib/points";
import { chartOptions } from "./chartOptions";
import { crosshair, onSelect, type Selected } from "./crosshair";
import { marks as marksPlugin, type Span, type Threshold } from "./marks";
import { readTheme } from "./theme";
import { toDatasets } from "./toDatasets";

ChartJS.register(LineController, LineElement, PointElement, LinearScale, Tooltip, Filler);

interface Props {
  label: string;
  lines: readonly Line[];
  /** The period before, moved in time to lie over this one. */
  before: readonly Line[];
  marks: readonly Mark[];
  thresholds: readonly Threshold[];
  /** When an alert fires, or would have. */
  spans?: readonly Span[];
  start: number;
  end: number;
  step: number;
  unit: Unit;
  dark: boolean;
  onSelected: Selected;
}

const PLUGINS = [marksPlugin, crosshair];
const NO_SPANS: readonly Span[] = [];

export function TimeChart({ label, lines, before, marks, thresholds, spans = NO_SPANS, start, end, step, unit, dark, onSelected }: Props) {
  const chart = useRef<ChartJS<"line"> | null>(null);
  const data = useMemo(() => ({ datasets: toDatasets(lines, before, step, dark) }), [lines, before, step, dark]);
  const theme = useMemo(() => readTheme(dark), [dark]);
  const options = useMemo(
    () => chartOptions({ start, end, step, unit, theme, marks, thresholds, spans }),
    [start, end, step, unit, theme, marks, thresholds, spans],
  );
  useEffect(() => {
    if (chart.current !== null) onSelect(chart.current, onSelected);
  }, [onSelected]);
  return <LineChart ref={chart} data={data} options={options} plugins={PLUGINS} aria-label={label} role="img" />;
}
