/** A thin wrapper around Chart.js: data and view in, canvas out. States and controls are ChartCard's. */
import { Chart as ChartJS, Filler, LinearScale, LineController, LineElement, PointElement, Tooltip } from "chart.js";
import { useEffect, useMemo, useRef } from "react";
import { Line as LineChart } from "react-chartjs-2";

import type { Unit } from "../lib/format";
import type { Line } from "../lib/points";
import { chartOptions, type ChartTheme } from "./chartOptions";
import { crosshair, onZoom } from "./crosshair";
import { toDatasets } from "./toDatasets";

ChartJS.register(LineController, LineElement, PointElement, LinearScale, Tooltip, Filler);

interface Props {
  label: string;
  lines: readonly Line[];
  start: number;
  end: number;
  step: number;
  unit: Unit;
  dark: boolean;
  onZoomTo: (start: number, end: number) => void;
}

const PLUGINS = [crosshair];

export function TimeChart({ label, lines, start, end, step, unit, dark, onZoomTo }: Props) {
  const chart = useRef<ChartJS<"line"> | null>(null);
  const data = useMemo(() => ({ datasets: toDatasets(lines, step, dark) }), [lines, step, dark]);
  const theme = useMemo(() => readTheme(dark), [dark]);
  const options = useMemo(() => chartOptions({ start, end, unit, theme }), [start, end, unit, theme]);
  useEffect(() => {
    if (chart.current !== null) onZoom(chart.current, onZoomTo);
  }, [onZoomTo]);
  return <LineChart ref={chart} data={data} options={options} plugins={PLUGINS} aria-label={label} role="img" />;
}

/** The theme's tokens as Chart.js needs them; read again when the theme changes. */
function readTheme(dark: boolean): ChartTheme {
  document.documentElement.setAttribute("data-bs-theme", dark ? "dark" : "light");
  const style = getComputedStyle(document.documentElement);
  const token = (name: string): string => style.getPropertyValue(name).trim();
  return { text: token("--text"), muted: token("--muted"), line: token("--line"), surface: token("--surface") };
}
