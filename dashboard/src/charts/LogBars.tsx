/** The stacked histogram of log lines over time; dragging zooms, a double click goes back. */
import { useRef, useState } from "react";

import { bars, bucketsOf, type Counts, fullest, selected, totalAt } from "../lib/bars";
import { formatTick, formatTime, formatValue, timeTicks } from "../lib/format";

interface Props {
  found: Counts;
  levels: readonly string[];
  onZoomTo: (start: number, end: number) => void;
  onBack: () => void;
}

const SMALLEST_DRAG = 0.004;
const MOST_TICKS = 6;

export function LogBars({ found, levels, onZoomTo, onBack }: Props) {
  const box = useRef<SVGSVGElement>(null);
  const [drag, setDrag] = useState<{ from: number; to: number } | null>(null);
  const [hovered, setHovered] = useState<number | null>(null);
  const size = bucketsOf(found);
  const end = found.start + size * found.step;
  const place = (event: React.PointerEvent): number => {
    const { left, width } = box.current?.getBoundingClientRect() ?? { left: 0, width: 1 };
    return Math.min(0.9999, Math.max(0, (event.clientX - left) / Math.max(1, width)));
  };
  const moved = (event: React.PointerEvent): void => {
    setHovered(Math.floor(place(event) * size));
    if (drag !== null) setDrag({ ...drag, to: place(event) });
  };
  const released = (event: React.PointerEvent): void => {
    if (drag !== null && Math.abs(place(event) - drag.from) > SMALLEST_DRAG) {
      const range = selected(found, drag.from, place(event));
      onZoomTo(range.start, range.end);
    }
    setDrag(null);
  };
  const pressed = (event: React.PointerEvent): void => {
    if (event.button === 0 && event.pointerType === "mouse") setDrag({ from: place(event), to: place(event) });
  };
  const most = fullest(found, levels);
  return (
    <figure className="log-bars" aria-label="Lines over time" onDoubleClick={onBack}>
      <div className="bars">
        <svg
          ref={box}
          viewBox="0 0 1 1"
          preserveAspectRatio="none"
          role="img"
          aria-label={`At most ${formatValue(most, "plain")} lines in ${found.step} s`}
          onPointerDown={pressed}
          onPointerMove={moved}
          onPointerUp={released}
          onPointerLeave={() => {
            setHovered(null);
            setDrag(null);
          }}
        >
          {hovered !== null && <rect className="hovered" x={hovered / size} y="0" width={1 / size} height="1" />}
          {bars(found, levels).map(({ level, bucket, ...rest }) => (
            <rect key={`${level}${bucket}`} className={`bar ${level}`} {...rest} />
          ))}
          {drag !== null && (
            <rect className="selected" x={Math.min(drag.from, drag.to)} y="0" width={Math.abs(drag.to - drag.from)} height="1" />
          )}
        </svg>
        <span className="most muted">{most === 0 ? "" : formatValue(most, "plain")}</span>
      </div>
      <figcaption className="muted">
        {hovered === null ? <Ticks start={found.start} end={end} /> : hoverText(found, levels, hovered)}
      </figcaption>
    </figure>
  );
}

function Ticks({ start, end }: { start: number; end: number }) {
  return (
    <svg className="ticks" aria-hidden="true">
      {timeTicks(start, end, MOST_TICKS)
        .map((tick) => ({ tick, part: (tick - start) / (end - start) }))
        .filter(({ part }) => part > 0.03 && part < 0.97)
        .map(({ tick, part }) => (
          <text key={tick} x={`${100 * part}%`} y="13" textAnchor="middle">
            {formatTick(tick, end - start)}
          </text>
        ))}
    </svg>
  );
}

function hoverText(found: Counts, levels: readonly string[], bucket: number): string {
  const parts = levels.flatMap((level) => {
    const count = found.counts[level]?.[bucket] ?? 0;
    return count === 0 ? [] : [`${count} ${level}`];
  });
  const what = totalAt(found, levels, bucket) === 0 ? "no lines" : parts.join(", ");
  return `${formatTime(found.start + bucket * found.step)}: ${what}`;
}
