/** What is drawn over the lines: when something happened, where and when an alert fires. One Chart.js plugin. */
import type { ChartType, Plugin } from "chart.js";

import type { Mark } from "../lib/marks";

export interface Threshold {
  value: number;
  label: string;
}

/** A time in which an alert fires. */
export interface Span {
  start: number;
  end: number;
}

export interface MarksOptions {
  spans: readonly Span[];
  marks: readonly Mark[];
  thresholds: readonly Threshold[];
  colours: Record<Mark["kind"] | "threshold" | "surface", string>;
}

declare module "chart.js" {
  // eslint-disable-next-line @typescript-eslint/no-unused-vars -- the interface that is added to has this parameter
  interface PluginOptionsByType<TType extends ChartType> {
    marks?: MarksOptions;
  }
}

const FLAG = 5;
const SHADE = 0.16;
const LEAST_WIDTH = 2;
const LABEL_HEIGHT = 14;

export const marks: Plugin<"line", MarksOptions> = {
  id: "marks",
  afterDatasetsDraw(chart, _, options) {
    const { ctx, chartArea, scales } = chart;
    const [x, y] = [scales["x"], scales["y"]];
    if (x === undefined || y === undefined) return;
    ctx.save();
    ctx.fillStyle = options.colours.alert;
    ctx.globalAlpha = SHADE;
    for (const { start, end } of options.spans) {
      const from = Math.max(chartArea.left, x.getPixelForValue(start));
      const to = Math.min(chartArea.right, Math.max(x.getPixelForValue(end), from + LEAST_WIDTH));
      if (to > from) ctx.fillRect(from, chartArea.top, to - from, chartArea.bottom - chartArea.top);
    }
    ctx.globalAlpha = 1;
    ctx.lineWidth = 1;
    for (const mark of options.marks) {
      const place = Math.round(x.getPixelForValue(mark.at)) + 0.5;
      if (place < chartArea.left || place > chartArea.right) continue;
      ctx.strokeStyle = ctx.fillStyle = options.colours[mark.kind];
      ctx.setLineDash([2, 3]);
      line(ctx, place, chartArea.top, place, chartArea.bottom);
      ctx.beginPath();
      ctx.moveTo(place - FLAG, chartArea.top);
      ctx.lineTo(place + FLAG, chartArea.top);
      ctx.lineTo(place, chartArea.top + FLAG + 1);
      ctx.fill();
    }
    for (const threshold of options.thresholds) {
      const place = Math.round(y.getPixelForValue(threshold.value)) + 0.5;
      if (place < chartArea.top || place > chartArea.bottom) continue;
      ctx.strokeStyle = options.colours.threshold;
      ctx.setLineDash([6, 4]);
      line(ctx, chartArea.left, place, chartArea.right, place);
      label(ctx, threshold.label, chartArea.right - 4, place < chartArea.top + LABEL_HEIGHT ? place + LABEL_HEIGHT : place - 4, options.colours);
    }
    ctx.restore();
  },
};

function line(ctx: CanvasRenderingContext2D, fromX: number, fromY: number, toX: number, toY: number): void {
  ctx.beginPath();
  ctx.moveTo(fromX, fromY);
  ctx.lineTo(toX, toY);
  ctx.stroke();
}

/** A text that lines behind it do not make hard to read. */
function label(ctx: CanvasRenderingContext2D, text: string, right: number, bottom: number, colours: MarksOptions["colours"]): void {
  ctx.font = `11px ${ctx.canvas.ownerDocument.defaultView?.getComputedStyle(ctx.canvas).fontFamily ?? "sans-serif"}`;
  ctx.textAlign = "right";
  ctx.setLineDash([]);
  ctx.lineJoin = "round";
  ctx.lineWidth = 3;
  ctx.strokeStyle = colours.surface;
  ctx.strokeText(text, right, bottom);
  ctx.lineWidth = 1;
  ctx.fillStyle = colours.threshold;
  ctx.fillText(text, right, bottom);
}
