/**
 * A timing's distribution over time, on a canvas of its own.
 *
 * Chart.js keeps an object for every cell and measures each on every move of the pointer; here 400 columns of 48 rows are
 * so many filled rectangles, and the pointer's cell is two divisions.
 */
import { useCallback, useEffect, useRef, useState } from "react";

import { formatDuration, formatTick, formatTime, timeTicks } from "../lib/format";
import { type Distribution, labelledRows, rowsOf, shades, type Spot, spotAt } from "../lib/heat";
import type { ChartTheme } from "./chartOptions";
import type { Selected } from "./crosshair";
import { drawSoon, watch } from "./drawing";
import { hover, hoveredTime, onHover } from "./hover";
import { readTheme } from "./theme";

interface Props {
  label: string;
  found: Distribution;
  start: number;
  end: number;
  step: number;
  dark: boolean;
  onSelected: Selected;
}

const LEFT = 64;
const BOTTOM = 24;
const RIGHT = 4;
const LABEL_HEIGHT = 26;
const SMALLEST_DRAG = 6;

interface Size {
  width: number;
  height: number;
}

export function HeatMap({ label, found, start, end, step, dark, onSelected }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [spot, setSpot] = useState<Spot | null>(null);
  const drag = useRef<number | null>(null);
  const draw = useCallback(() => {
    const element = canvas.current;
    if (element !== null) paint(element, found, { start, end, step }, readTheme(dark));
  }, [found, start, end, step, dark]);
  useEffect(() => {
    const element = canvas.current;
    return element === null ? undefined : watch(element);
  }, []);
  useEffect(() => {
    const element = canvas.current;
    if (element === null) return undefined;
    drawSoon(element, "data", draw);
    const observer = new ResizeObserver(() => drawSoon(element, "data", draw));
    observer.observe(element);
    const leave = onHover(() => drawSoon(element, "hover", draw));
    return () => {
      observer.disconnect();
      leave();
    };
  }, [draw]);
  const timeAt = (x: number): number => {
    const width = (canvas.current?.clientWidth ?? 0) - LEFT - RIGHT;
    return start + ((x - LEFT) / Math.max(1, width)) * (end - start);
  };
  const moved = (event: React.MouseEvent): void => {
    const { offsetX, offsetY } = event.nativeEvent;
    const height = (canvas.current?.clientHeight ?? 0) - BOTTOM;
    const row = Math.floor((1 - offsetY / Math.max(1, height)) * rowsOf(found));
    hover(offsetX >= LEFT ? timeAt(offsetX) : null);
    setSpot(offsetX >= LEFT ? spotAt(found, step, timeAt(offsetX), row) : null);
  };
  const left = (): void => {
    drag.current = null;
    hover(null);
    setSpot(null);
  };
  const released = (event: React.MouseEvent): void => {
    const from = drag.current;
    const to = event.nativeEvent.offsetX;
    drag.current = null;
    if (from === null || Math.abs(to - from) < SMALLEST_DRAG) return;
    onSelected(timeAt(Math.max(LEFT, Math.min(from, to))), timeAt(Math.max(from, to)), event.shiftKey);
  };
  return (
    <>
      <canvas
        ref={canvas}
        className="heat"
        role="img"
        aria-label={label}
        onMouseMove={moved}
        onMouseLeave={left}
        onMouseDown={(event) => (drag.current = event.nativeEvent.offsetX)}
        onMouseUp={released}
      />
      <div className="heat-spot muted" aria-hidden="true">
        {spot !== null &&
          `${formatTime(spot.time)} · ${formatDuration(spot.from)} – ${formatDuration(spot.to)} · ${spot.count} ${spot.count === 1 ? "value" : "values"}, ${(100 * spot.share).toFixed(1)} %`}
      </div>
    </>
  );
}

function paint(canvas: HTMLCanvasElement, found: Distribution, view: { start: number; end: number; step: number }, theme: ChartTheme): void {
  const size = { width: canvas.clientWidth, height: canvas.clientHeight };
  const scale = window.devicePixelRatio;
  canvas.width = Math.round(size.width * scale);
  canvas.height = Math.round(size.height * scale);
  const ctx = canvas.getContext("2d");
  if (ctx === null) return;
  ctx.scale(scale, scale);
  const x = (time: number): number => LEFT + ((time - view.start) / (view.end - view.start)) * (size.width - LEFT - RIGHT);
  paintCells(ctx, found, size, (time) => Math.min(size.width - RIGHT, Math.max(LEFT, x(time))), view.step, theme);
  paintAxes(ctx, found, size, x, view, theme);
  const time = hoveredTime();
  if (time === null || time < view.start || time > view.end) return;
  ctx.strokeStyle = theme.muted;
  ctx.setLineDash([3, 3]);
  ctx.strokeRect(x(time), 0, 0, size.height - BOTTOM);
}

function paintCells(
  ctx: CanvasRenderingContext2D,
  found: Distribution,
  size: Size,
  x: (time: number) => number,
  step: number,
  theme: ChartTheme,
): void {
  const rows = rowsOf(found);
  const height = (size.height - BOTTOM) / Math.max(1, rows);
  ctx.fillStyle = theme.accent;
  shades(found).forEach((shade, i) => {
    if (shade === 0) return;
    const time = found.times[Math.floor(i / rows)] ?? 0;
    const [left, right] = [x(time), x(time + step)];
    ctx.globalAlpha = 0.12 + 0.88 * shade;
    ctx.fillRect(left, (rows - 1 - (i % rows)) * height, Math.max(0, right - left - (right - left > 4 ? 0.5 : 0)), height - (height > 4 ? 0.5 : 0));
  });
  ctx.globalAlpha = 1;
}

function paintAxes(
  ctx: CanvasRenderingContext2D,
  found: Distribution,
  size: Size,
  x: (time: number) => number,
  { start, end }: { start: number; end: number },
  theme: ChartTheme,
): void {
  const bottom = size.height - BOTTOM;
  const rows = rowsOf(found);
  ctx.font = `12px ${getComputedStyle(ctx.canvas).fontFamily}`;
  ctx.fillStyle = theme.muted;
  ctx.strokeStyle = theme.line;
  ctx.textAlign = "right";
  ctx.textBaseline = "middle";
  for (const row of labelledRows(found, Math.floor(bottom / LABEL_HEIGHT))) {
    const y = bottom - (row / Math.max(1, rows)) * bottom;
    ctx.fillText(formatDuration(found.bounds[row] ?? 0), LEFT - 8, Math.max(7, y - 2));
  }
  ctx.textAlign = "center";
  ctx.textBaseline = "top";
  for (const tick of timeTicks(start, end, Math.max(2, Math.floor((size.width - LEFT) / 90)))) {
    if (x(tick) > LEFT + 16 && x(tick) < size.width - 20) ctx.fillText(formatTick(tick, end - start), x(tick), bottom + 8);
  }
  ctx.beginPath();
  ctx.moveTo(LEFT, bottom + 0.5);
  ctx.lineTo(size.width - RIGHT, bottom + 0.5);
  ctx.stroke();
}
