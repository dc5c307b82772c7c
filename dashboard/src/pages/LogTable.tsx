/** The lines, of which only the visible ones are in the page. Reading further down pauses the live tail. */
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef, useState } from "react";
import Button from "react-bootstrap/Button";

import type { LogLine } from "../api/logs";
import { formatTime, formatUtc } from "../lib/format";
import type { Logs } from "./useLogs";

const ROW = 32;
const NEAR_END = 40;
const SCROLLED = 60;

export function LogTable({ logs, onFilter }: { logs: Logs; onFilter: (condition: string) => void }) {
  const box = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState<number | null>(null);
  const { lines, more, loadMore, tailing, setTailing } = logs;
  // eslint-disable-next-line react-hooks/incompatible-library -- the virtualizer keeps its own state; its rows are not memoised
  const rows = useVirtualizer({
    count: lines.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    getItemKey: (index) => lines[index]?.id ?? index,
    overscan: 12,
  });
  const items = rows.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (more && last >= lines.length - NEAR_END) loadMore();
  }, [more, last, lines.length, loadMore]);
  const scrolled = (): void => {
    if (tailing && (box.current?.scrollTop ?? 0) > SCROLLED) setTailing(false);
  };
  const resume = (): void => {
    box.current?.scrollTo({ top: 0 });
    logs.retry();
    setTailing(true);
  };
  return (
    <>
      {!tailing && (
        <div className="banner d-flex align-items-center gap-3">
          The live tail is paused.
          <Button size="sm" variant="quiet" onClick={resume}>
            Resume at the newest
          </Button>
        </div>
      )}
      <div className="logs" ref={box} onScroll={scrolled} tabIndex={0} role="region" aria-label="Log lines">
        <Spacer height={rows.getTotalSize()}>
          <Offset top={items[0]?.start ?? 0}>
            {items.map((item) => {
              const line = lines[item.index];
              if (line === undefined) return null;
              return (
                <div key={item.key} data-index={item.index} ref={rows.measureElement}>
                  <Line line={line} open={open === line.id} onToggle={() => setOpen(open === line.id ? null : line.id)} />
                  {open === line.id && <Detail line={line} onFilter={onFilter} />}
                </div>
              );
            })}
          </Offset>
        </Spacer>
      </div>
    </>
  );
}

/** As high as all lines together would be. */
function Spacer({ height, children }: { height: number; children: React.ReactNode }) {
  return (
    <div className="position-relative w-100" style={{ height }}>
      {children}
    </div>
  );
}

/** Holds the visible lines where they belong. */
function Offset({ top, children }: { top: number; children: React.ReactNode }) {
  return (
    <div className="position-absolute top-0 start-0 w-100" style={{ transform: `translateY(${top}px)` }}>
      {children}
    </div>
  );
}

function Line({ line, open, onToggle }: { line: LogLine; open: boolean; onToggle: () => void }) {
  return (
    <button type="button" className="log-line" aria-expanded={open} onClick={onToggle}>
      <span className="time" title={formatUtc(line.timestamp)}>
        {formatTime(line.timestamp)}
      </span>
      <span className={`level ${line.level}`}>{line.level}</span>
      <span className="logger" title={line.logger}>
        {line.logger}
      </span>
      <span className="message">{line.message}</span>
    </button>
  );
}

function Detail({ line, onFilter }: { line: LogLine; onFilter: (condition: string) => void }) {
  const { exception, ...rest } = line.metadata;
  return (
    <div className="log-detail">
      <pre className="mono">{line.message}</pre>
      {typeof exception === "string" && <pre className="mono text-error">{exception}</pre>}
      <div>
        <Chip text={`app:${line.app}`} onFilter={onFilter} />
        <Chip text={`host:${line.host}`} onFilter={onFilter} />
        {line.logger !== "" && <Chip text={`logger:${line.logger}`} onFilter={onFilter} />}
        {Object.entries(rest).map(([key, value]) => (
          <Chip key={key} text={`${key}=${typeof value === "string" ? value : JSON.stringify(value)}`} onFilter={onFilter} />
        ))}
      </div>
    </div>
  );
}

function Chip({ text, onFilter }: { text: string; onFilter: (condition: string) => void }) {
  const condition = /\s/.test(text) ? text.replace(/([:=])(.*)/s, '$1"$2"') : text;
  return (
    <button type="button" className="chip" title="Show only lines with this" onClick={() => onFilter(condition)}>
      {text}
    </button>
  );
}
