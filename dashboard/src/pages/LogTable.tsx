/** The lines, of which only the visible ones are in the page. Reading further down pauses the live tail. */
import { useVirtualizer } from "@tanstack/react-virtual";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import Button from "react-bootstrap/Button";

import type { LogLine } from "../api/logs";
import { formatLogTime, formatUtc } from "../lib/format";
import { LogDetail } from "./LogDetail";
import type { Logs } from "./useLogs";

/** The height of a row whose message fits its line, as theme.scss has it: a wrong guess is paid for with every row that comes into view. */
const ROW = 28;
const PHONE_ROW = 49;
const PHONE = "(max-width: 760px)";
const NEAR_END = 40;
const SCROLLED = 60;

interface Props {
  logs: Logs;
  /** The line one came for, by its id. */
  wanted: number | null;
  onFilter: (condition: string) => void;
}

export function LogTable({ logs, wanted, onFilter }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState<number | null>(wanted);
  const { lines, more, loadMore, moreError, tailing, setTailing } = logs;
  // Another function would have the places of all rows computed anew, with every step of scrolling.
  const keyOf = useCallback((index: number) => lines[index]?.id ?? index, [lines]);
  // eslint-disable-next-line react-hooks/incompatible-library -- the virtualizer keeps its own state; its rows are not memoised
  const rows = useVirtualizer({
    count: lines.length,
    getScrollElement: () => box.current,
    estimateSize: () => (window.matchMedia(PHONE).matches ? PHONE_ROW : ROW),
    getItemKey: keyOf,
    overscan: 12,
  });
  const items = rows.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  const place = useMemo(() => (wanted === null ? -1 : lines.findIndex((line) => line.id === wanted)), [lines, wanted]);
  const seeks = wanted !== null && place === -1;
  useEffect(() => {
    if (more && (seeks || last >= lines.length - NEAR_END)) loadMore();
  }, [more, seeks, last, lines.length, loadMore]);
  useEffect(() => {
    if (place !== -1) rows.scrollToIndex(place, { align: "center" });
    // eslint-disable-next-line react-hooks/exhaustive-deps -- one comes to a line once; later lines do not move the page
  }, [wanted, place === -1]);
  const scrolled = (): void => {
    if (tailing && (box.current?.scrollTop ?? 0) > SCROLLED) setTailing(false);
  };
  const resume = (): void => {
    box.current?.scrollTo({ top: 0 });
    setTailing(true);
  };
  return (
    <>
      {!tailing && logs.follows && <Paused resume={resume} />}
      <div className="logs" ref={box} onScroll={scrolled} tabIndex={0} role="region" aria-label="Log lines">
        <Spacer height={rows.getTotalSize()}>
          <Offset top={items[0]?.start ?? 0}>
            {items.map((item) => {
              const line = lines[item.index];
              if (line === undefined) return null;
              return (
                <div key={item.key} data-index={item.index} ref={rows.measureElement} className={line.id === wanted ? "wanted" : ""}>
                  <Line line={line} open={open === line.id} onToggle={() => setOpen(open === line.id ? null : line.id)} />
                  {open === line.id && <LogDetail line={line} onFilter={onFilter} />}
                </div>
              );
            })}
          </Offset>
        </Spacer>
        {logs.full && <div className="state">These are {lines.length.toLocaleString()} lines, as many as a page holds. For older ones, choose an earlier time.</div>}
        {moreError !== null && (
          <div className="state">
            Older lines could not be loaded. {moreError instanceof Error ? moreError.message : ""}
            <div>
              <Button size="sm" variant="quiet" onClick={loadMore}>
                Try again
              </Button>
            </div>
          </div>
        )}
      </div>
    </>
  );
}

function Paused({ resume }: { resume: () => void }) {
  return (
    <div className="paused" role="status">
      The live tail is paused.
      <Button size="sm" variant="quiet" onClick={resume}>
        Resume at the newest
      </Button>
    </div>
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
    <button type="button" className={`log-line ${line.level}`} aria-expanded={open} onClick={onToggle}>
      <span className="time" title={formatUtc(line.timestamp)}>
        {formatLogTime(line.timestamp)}
      </span>
      <span className={`level ${line.level}`}>{line.level}</span>
      <span className="logger" title={line.logger}>
        {line.logger}
      </span>
      <span className="message">{line.message}</span>
    </button>
  );
}
