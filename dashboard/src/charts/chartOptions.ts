/** The options of a time chart. Pure but for the theme's colours, which the caller reads. */
import type { ChartOptions, TooltipItem } from "chart.js";

import type { Unit } from "../lib/format";
import { formatTick, formatTime, formatValue, timeTicks, valueStep } from "../lib/format";
import { type Mark, marksNear } from "../lib/marks";
import { nearest } from "./crosshair";
import type { Span, Threshold } from "./marks";
import { isShown } from "./toDatasets";

export interface ChartTheme {
  text: string;
  muted: string;
  line: string;
  surface: string;
  gold: string;
  error: string;
  accent: string;
}

export interface View {
  start: number;
  end: number;
  step: number;
  unit: Unit;
  theme: ChartTheme;
  marks: readonly Mark[];
  thresholds: readonly Threshold[];
  spans: readonly Span[];
}

const MOST_TICKS = 6;
const VALUE_WIDTH = 64;
const MOST_STEPS = 5;
/** Lines that a tooltip lists: the greatest at that time. */
const MOST_LISTED = 10;

export function chartOptions({ start, end, step, unit, theme, marks, thresholds, spans }: View): ChartOptions<"line"> {
  return {
    animation: false,
    parsing: false,
    normalized: true,
    responsive: true,
    maintainAspectRatio: false,
    interaction: { mode: "index", intersect: false },
    layout: { padding: { top: 4, right: 4 } },
    scales: {
      x: {
        type: "linear",
        min: start,
        max: end,
        grid: { color: theme.line, drawTicks: false },
        border: { color: theme.line },
        afterBuildTicks: (axis) => {
          const most = Math.max(2, Math.min(MOST_TICKS, Math.floor(axis.width / 80)));
          axis.ticks = timeTicks(start, end, most).map((value) => ({ value }));
        },
        ticks: {
          color: theme.muted,
          maxRotation: 0,
          autoSkip: false,
          padding: 6,
          callback: (value) => formatTick(Number(value), end - start),
        },
      },
      y: {
        // As wide on every chart, so that one time stands at one place on all charts of a column.
        afterFit: (axis) => {
          axis.width = VALUE_WIDTH;
        },
        beginAtZero: true,
        grace: "5%",
        suggestedMin: Math.min(...thresholds.map((threshold) => threshold.value), Number.POSITIVE_INFINITY),
        suggestedMax: Math.max(...thresholds.map((threshold) => threshold.value), Number.NEGATIVE_INFINITY),
        afterBuildTicks: (axis) => {
          const every = valueStep(axis.max - Math.min(0, axis.min), unit, MOST_STEPS);
          const first = Math.ceil(axis.min / every);
          const count = Math.floor(axis.max / every) - first + 1;
          axis.ticks = Array.from({ length: count }, (_, i) => ({ value: (first + i) * every }));
        },
        grid: { color: theme.line, drawTicks: false },
        border: { display: false },
        ticks: {
          color: theme.muted,
          padding: 8,
          callback: (value) => formatValue(Number(value), unit),
        },
      },
    },
    plugins: {
      legend: { display: false },
      decimation: { enabled: false },
      marks: {
        marks,
        thresholds,
        spans,
        colours: { event: theme.gold, alert: theme.error, line: theme.accent, threshold: theme.error, surface: theme.surface },
      },
      tooltip: {
        itemSort: (a, b) => (b.parsed.y ?? 0) - (a.parsed.y ?? 0),
        filter: (item, _, items) =>
          isShown(item.dataset) &&
          items.filter((other) => isShown(other.dataset) && (other.parsed.y ?? 0) > (item.parsed.y ?? 0)).length < MOST_LISTED,
        backgroundColor: theme.surface,
        titleColor: theme.muted,
        bodyColor: theme.text,
        footerColor: theme.gold,
        borderColor: theme.line,
        borderWidth: 1,
        padding: 8,
        cornerRadius: 6,
        boxPadding: 4,
        boxWidth: 8,
        boxHeight: 8,
        callbacks: {
          title: (items) => (items[0] === undefined ? "" : formatTime(items[0].parsed.x ?? 0)),
          footer: (items) => marksNear(marks, items[0]?.parsed.x ?? 0, Math.max(step, (end - start) / 150)).map((mark) => mark.label),
          label: (item) => ` ${item.dataset.label ?? ""}  ${formatValue(item.parsed.y, unit)}${bandText(item, unit)}`,
        },
      },
    },
  };
}

interface TimedPoint {
  x: number;
  y: number;
}

/** From what to what the values went behind a mean, where the chart shows it. */
function bandText({ chart, parsed }: TooltipItem<"line">, unit: Unit): string {
  const edges = chart.data.datasets.filter((dataset) => !isShown(dataset)).map(({ data }) => data as TimedPoint[]);
  const values = edges.map((points) => points[nearest(points, parsed.x ?? 0)]).filter((point) => point?.x === parsed.x);
  const [least, greatest] = values.map((point) => formatValue(point?.y ?? null, unit));
  return least === undefined || greatest === undefined ? "" : `  (${least} – ${greatest})`;
}
