/** The crosshair that moves in step on all charts, and zooming by dragging: one Chart.js plugin. */
import type { Chart, Plugin } from "chart.js";

/** The time under the pointer, told to every chart; `null` when it left. */
const charts = new Set<Chart<"line">>();
let hovered: number | null = null;

const drags = new WeakMap<Chart, { from: number; to: number }>();
const zooms = new WeakMap<Chart, (start: number, end: number) => void>();

const SMALLEST_DRAG = 6;

/** Halfway between the themes' muted texts: seen on both. */
const LINE_COLOUR = "#78888f";

/** Call `zoom` with the two times when someone drags over the chart. */
export function onZoom(chart: Chart<"line">, zoom: (start: number, end: number) => void): void {
  zooms.set(chart, zoom);
}

function tell(time: number | null, origin: Chart): void {
  hovered = time;
  for (const chart of charts) {
    if (chart === origin) continue;
    pointAt(chart, time);
    chart.draw();
  }
}

function pointAt(chart: Chart<"line">, time: number | null): void {
  const active =
    time === null
      ? []
      : chart.data.datasets.flatMap((dataset, datasetIndex) => {
          const index = nearest(dataset.data as { x: number }[], time);
          return index === -1 || !chart.isDatasetVisible(datasetIndex) ? [] : [{ datasetIndex, index }];
        });
  chart.setActiveElements(active);
  chart.tooltip?.setActiveElements(active, { x: chart.scales["x"]?.getPixelForValue(time ?? 0) ?? 0, y: 20 });
}

/** The index of the point nearest to a time, -1 in an empty list. Points are sorted by time. */
export function nearest(points: readonly { x: number }[], time: number): number {
  let low = 0;
  let high = points.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((points[middle]?.x ?? 0) < time) low = middle + 1;
    else high = middle;
  }
  const before = points[low - 1];
  const at = points[low];
  return before !== undefined && at !== undefined && time - before.x < at.x - time ? low - 1 : low < points.length ? low : -1;
}

export const crosshair: Plugin<"line"> = {
  id: "crosshair",
  start(chart) {
    charts.add(chart);
  },
  stop(chart) {
    charts.delete(chart);
  },
  afterEvent(chart, { event }) {
    const scale = chart.scales["x"];
    if (scale === undefined || event.x === null) return;
    const inside = event.type !== "mouseout" && event.x >= chart.chartArea.left && event.x <= chart.chartArea.right;
    tell(inside ? (scale.getValueForPixel(event.x) ?? null) : null, chart);
    const drag = drags.get(chart);
    if (drag !== undefined && event.type === "mousemove") {
      drag.to = event.x;
      chart.draw();
    }
  },
  afterInit(chart) {
    const { canvas } = chart;
    canvas.addEventListener("mousedown", (event) => {
      if (event.button === 0) drags.set(chart, { from: event.offsetX, to: event.offsetX });
    });
    canvas.addEventListener("mouseup", () => {
      const drag = drags.get(chart);
      const scale = chart.scales["x"];
      drags.delete(chart);
      if (drag === undefined || scale === undefined || Math.abs(drag.to - drag.from) < SMALLEST_DRAG) return;
      const [left, right] = drag.from < drag.to ? [drag.from, drag.to] : [drag.to, drag.from];
      zooms.get(chart)?.(scale.getValueForPixel(left) ?? 0, scale.getValueForPixel(right) ?? 0);
    });
    canvas.addEventListener("mouseleave", () => {
      drags.delete(chart);
      tell(null, chart);
    });
  },
  afterDraw(chart) {
    const scale = chart.scales["x"];
    const { ctx, chartArea } = chart;
    if (scale === undefined) return;
    const colour = LINE_COLOUR;
    ctx.save();
    const drag = drags.get(chart);
    if (drag !== undefined) {
      ctx.fillStyle = `${colour}33`;
      ctx.fillRect(drag.from, chartArea.top, drag.to - drag.from, chartArea.height);
    }
    if (hovered !== null) {
      const x = scale.getPixelForValue(hovered);
      if (x >= chartArea.left && x <= chartArea.right) {
        ctx.strokeStyle = colour;
        ctx.lineWidth = 1;
        ctx.setLineDash([3, 3]);
        ctx.beginPath();
        ctx.moveTo(x, chartArea.top);
        ctx.lineTo(x, chartArea.bottom);
        ctx.stroke();
      }
    }
    ctx.restore();
  },
};
