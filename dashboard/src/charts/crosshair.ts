/** The crosshair that moves in step on all charts, and selecting a time by dragging: one Chart.js plugin. */
import type { Chart, Plugin } from "chart.js";

import { drawSoon } from "./drawing";
import { hover, hoveredTime, onHover } from "./hover";
import { isShown } from "./toDatasets";

/** What a drag does: zoom; with Shift, show the logs of that time. */
export type Selected = (start: number, end: number, shift: boolean) => void;

const drags = new WeakMap<Chart, { from: number; to: number; shift: boolean }>();
const selections = new WeakMap<Chart, Selected>();
const leaving = new WeakMap<Chart, () => void>();

const SMALLEST_DRAG = 6;

/** Halfway between the themes' muted texts: seen on both. */
const LINE_COLOUR = "#78888f";
const LOGS_COLOUR = "#c8963e";

/** Call `selected` with the two times when someone drags over the chart. */
export function onSelect(chart: Chart<"line">, selected: Selected): void {
  selections.set(chart, selected);
}

/** Move this chart's marked points to the shared time. */
function follow(chart: Chart<"line">): void {
  const time = hoveredTime();
  const active =
    time === null
      ? []
      : chart.data.datasets.flatMap((dataset, datasetIndex) => {
          const index = nearest(dataset.data as { x: number }[], time);
          return index === -1 || !isShown(dataset) ? [] : [{ datasetIndex, index }];
        });
  chart.setActiveElements(active);
  chart.tooltip?.setActiveElements(active, { x: chart.scales["x"]?.getPixelForValue(time ?? 0) ?? 0, y: 20 });
  chart.draw();
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

function listen(chart: Chart<"line">): void {
  const { canvas } = chart;
  canvas.addEventListener("mousedown", (event) => {
    if (event.button === 0) drags.set(chart, { from: event.offsetX, to: event.offsetX, shift: event.shiftKey });
  });
  canvas.addEventListener("mouseup", () => {
    const drag = drags.get(chart);
    const scale = chart.scales["x"];
    drags.delete(chart);
    if (drag === undefined || scale === undefined || Math.abs(drag.to - drag.from) < SMALLEST_DRAG) return;
    const [left, right] = drag.from < drag.to ? [drag.from, drag.to] : [drag.to, drag.from];
    selections.get(chart)?.(scale.getValueForPixel(left) ?? 0, scale.getValueForPixel(right) ?? 0, drag.shift);
  });
  canvas.addEventListener("mouseleave", () => {
    drags.delete(chart);
    hover(null);
  });
}

export const crosshair: Plugin<"line"> = {
  id: "crosshair",
  start(chart) {
    leaving.set(chart, onHover(() => drawSoon(chart.canvas, "hover", () => follow(chart))));
    listen(chart);
  },
  stop(chart) {
    leaving.get(chart)?.();
  },
  afterEvent(chart, { event }) {
    const scale = chart.scales["x"];
    if (scale === undefined || event.x === null) return;
    const inside = event.type !== "mouseout" && event.x >= chart.chartArea.left && event.x <= chart.chartArea.right;
    hover(inside ? (scale.getValueForPixel(event.x) ?? null) : null);
    const drag = drags.get(chart);
    if (drag !== undefined && event.type === "mousemove") drag.to = event.x;
  },
  afterDraw(chart) {
    const scale = chart.scales["x"];
    const { ctx, chartArea } = chart;
    if (scale === undefined) return;
    ctx.save();
    const drag = drags.get(chart);
    if (drag !== undefined) {
      ctx.fillStyle = `${drag.shift ? LOGS_COLOUR : LINE_COLOUR}33`;
      ctx.fillRect(drag.from, chartArea.top, drag.to - drag.from, chartArea.height);
    }
    const x = scale.getPixelForValue(hoveredTime() ?? NaN);
    if (x >= chartArea.left && x <= chartArea.right) {
      ctx.strokeStyle = LINE_COLOUR;
      ctx.lineWidth = 1;
      ctx.setLineDash([3, 3]);
      ctx.beginPath();
      ctx.moveTo(x, chartArea.top);
      ctx.lineTo(x, chartArea.bottom);
      ctx.stroke();
    }
    ctx.restore();
  },
};
