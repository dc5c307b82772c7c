/** The options of a time chart. Pure but for the theme's colours, which the caller reads. */
import type { ChartOptions } from "chart.js";

import type { Unit } from "../lib/format";
import { formatTick, formatTime, formatValue, timeTicks, valueStep } from "../lib/format";

export interface ChartTheme {
  text: string;
  muted: string;
  line: string;
  surface: string;
}

export interface View {
  start: number;
  end: number;
  unit: Unit;
  theme: ChartTheme;
}

const MOST_TICKS = 6;
const MOST_STEPS = 5;

export function chartOptions({ start, end, unit, theme }: View): ChartOptions<"line"> {
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
        beginAtZero: true,
        grace: "5%",
        afterBuildTicks: (axis) => {
          const step = valueStep(axis.max - Math.min(0, axis.min), unit, MOST_STEPS);
          const first = Math.ceil(axis.min / step);
          const count = Math.floor(axis.max / step) - first + 1;
          axis.ticks = Array.from({ length: count }, (_, i) => ({ value: (first + i) * step }));
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
      tooltip: {
        backgroundColor: theme.surface,
        titleColor: theme.muted,
        bodyColor: theme.text,
        borderColor: theme.line,
        borderWidth: 1,
        padding: 8,
        cornerRadius: 6,
        boxPadding: 4,
        boxWidth: 8,
        boxHeight: 8,
        callbacks: {
          title: (items) => (items[0] === undefined ? "" : formatTime(items[0].parsed.x ?? 0)),
          label: (item) => ` ${item.dataset.label ?? ""}  ${formatValue(item.parsed.y, unit)}`,
        },
      },
    },
  };
}
