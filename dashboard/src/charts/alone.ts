/** A value between two gaps has no line to show it: it is drawn as a dot. One Chart.js plugin. */
import type { Plugin } from "chart.js";

const RADIUS = 2;

interface Place {
  x: number;
  y: number;
  skip?: boolean;
}

/** The points that have no drawn neighbour. */
export function alone<P extends Place>(points: readonly P[]): P[] {
  const drawn = (point: P | undefined): boolean => point !== undefined && point.skip !== true;
  return points.filter((point, i) => drawn(point) && !drawn(points[i - 1]) && !drawn(points[i + 1]));
}

export const dots: Plugin<"line"> = {
  id: "dots",
  afterDatasetsDraw(chart) {
    const { ctx, chartArea } = chart;
    for (const { data, index } of chart.getSortedVisibleDatasetMetas()) {
      const colour = chart.data.datasets[index]?.borderColor;
      if (typeof colour !== "string") continue; // the edges of a band have none
      ctx.fillStyle = colour;
      for (const { x, y } of alone<Place>(data)) {
        if (x < chartArea.left || x > chartArea.right) continue;
        ctx.beginPath();
        ctx.arc(x, y, RADIUS, 0, 2 * Math.PI);
        ctx.fill();
      }
    }
  },
};
