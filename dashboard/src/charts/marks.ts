/** What is drawn over the lines: when something happened, and where an alert's threshold lies. One Chart.js plugin. */
import type { ChartType, Plugin } from "chart.js";

import type { Mark } from "../lib/marks";

export interface Threshold {
  value: number;
  label: string;
}

export interface MarksOptions {
  marks: readonly Mark[];
  thresholds: readonly Threshold[];
  colours: Record<Mark["kind"] | "threshold", string>;
}

declare module "chart.js" {
  // eslint-disable-next-line @typescript-eslint/no-unused-vars -- the interface that is added to has this parameter
  interface PluginOptionsByType<TType extends ChartType> {
    marks?: MarksOptions;
  }
}

const FLAG = 5;

export const marks: Plugin<"line", MarksOptions> = {
  id: "marks",
  afterDatasetsDraw(chart, _, options) {
    const { ctx, chartArea, scales } = chart;
    const [x, y] = [scales["x"], scales["y"]];
    if (x === undefined || y === undefined) return;
    ctx.save();
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
