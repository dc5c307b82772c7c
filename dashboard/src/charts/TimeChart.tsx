/** A thin wrapper around Chart.js: data and view in, canvas out. States and controls are ChartCard's. */
import { Chart as ChartJS, Filler, LinearScale, LineController, PointElement, Tooltip } from "chart.js";
import { memo, useEffect, useMemo, useRef, useState } from "react";
import { Line as LineChart } from "react-chartjs-2";

import type { Unit } from "../lib/format";
import type { Mark } from "../lib/marks";
import type { Line } from "../lib/points";
import { dots } from "./alone";
import { chartOptions } from "./chartOptions";
import { crosshair, onSelect, type Selected } from "./crosshair";
import { drawSoon, watch } from "./drawing";
import { FineLine } from "./fineLine";
import { marks as marksPlugin, type Span, type Threshold } from "./marks";
import { readTheme } from "./theme";
import { type Band, type LineDataset, toDatasets } from "./toDatasets";

ChartJS.register(LineController, FineLine, PointElement, LinearScale, Tooltip, Filler);
ChartJS.defaults.set("datasets.line", { datasetElementType: FineLine.id });

interface Props {
  label: string;
  lines: readonly Line[];
  /** The period before, moved in time to lie over this one. */
  before: readonly Line[];
  /** The least and greatest values behind a single line of means. */
  band?: Band | null;
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

const PLUGINS = [dots, marksPlugin, crosshair];
const NO_SPANS: readonly Span[] = [];
const NOTHING = { datasets: [] };

export const TimeChart = memo(function TimeChart(props: Props) {
  const { label, lines, before, band = null, marks, thresholds, spans = NO_SPANS, start, end, step, unit, dark, onSelected } = props;
  const chart = useRef<ChartJS<"line"> | null>(null);
  const theme = useMemo(() => readTheme(dark), [dark]);
  const view = useMemo(
    () => ({ start, end, step, unit, theme, marks, thresholds, spans }),
    [start, end, step, unit, theme, marks, thresholds, spans],
  );
  const [first] = useState(() => chartOptions(view));
  useEffect(() => {
    const canvas = chart.current?.canvas;
    return canvas === undefined ? undefined : watch(canvas);
  }, []);
  useEffect(() => {
    if (chart.current === null) return;
    drawSoon(chart.current.canvas, "data", () => {
      if (chart.current === null) return;
      const drawn = chart.current.data.datasets as LineDataset[];
      chart.current.data.datasets = kept(drawn, toDatasets({ lines, before, band, step, dark }, drawn));
      chart.current.options = chartOptions(view);
      chart.current.update("none");
    });
  }, [lines, before, band, step, dark, view]);
  useEffect(() => {
    if (chart.current !== null) onSelect(chart.current, onSelected);
  }, [onSelected]);
  // What it is made with never changes, so that nobody but `drawSoon` draws it anew.
  return <LineChart ref={chart} data={NOTHING} options={first} plugins={PLUGINS} aria-label={label} role="img" />;
});

/** Chart.js knows a dataset by its object, and makes all of its parts anew for another one. */
function kept(known: readonly LineDataset[], next: readonly LineDataset[]): LineDataset[] {
  const found = new Map(known.map((dataset) => [dataset.label, dataset]));
  return next.map((dataset) => Object.assign(found.get(dataset.label) ?? {}, dataset));
}
