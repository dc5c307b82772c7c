/** All of one log line: its message whole, its metadata to filter by, and the ways on from it. */
import { Link, useLocation } from "react-router";

import type { LogLine } from "../api/logs";
import { quoted } from "../lib/completion";
import { formatTime, formatUtc } from "../lib/format";
import { carriedAt } from "../lib/range";

/** Seconds around a line: enough to see what led to it. */
const CHARTS_SECONDS = 450;
const LINES_SECONDS = 60;

export function LogDetail({ line, onFilter }: { line: LogLine; onFilter: (condition: string) => void }) {
  const { search } = useLocation();
  const { exception, ...rest } = line.metadata;
  const at = line.timestamp;
  const charts = carriedAt(search, at - CHARTS_SECONDS, at + CHARTS_SECONDS, { app: line.app, at: String(at) });
  const lines = carriedAt(search, at - LINES_SECONDS, at + LINES_SECONDS, { app: line.app, line: String(line.id) });
  return (
    <div className="log-detail">
      <pre className="mono">{line.message}</pre>
      {typeof exception === "string" && <pre className="mono text-error">{exception}</pre>}
      <div>
        <Chip name="app" sign=":" value={line.app} onFilter={onFilter} />
        <Chip name="host" sign=":" value={line.host} onFilter={onFilter} />
        {line.logger !== "" && <Chip name="logger" sign=":" value={line.logger} onFilter={onFilter} />}
        {Object.entries(rest).map(([key, value]) => (
          <Chip key={key} name={key} sign="=" value={typeof value === "string" ? value : JSON.stringify(value)} onFilter={onFilter} />
        ))}
      </div>
      <div className="d-flex flex-wrap gap-3 align-items-baseline">
        <Link to={{ pathname: "/metrics", search: charts }}>Charts around this time</Link>
        <Link to={{ pathname: "/logs", search: lines }}>Lines around this one</Link>
        <span className="muted">
          {formatTime(at)} · {formatUtc(at)}
        </span>
      </div>
    </div>
  );
}

interface ChipProps {
  name: string;
  sign: ":" | "=";
  value: string;
  onFilter: (condition: string) => void;
}

function Chip({ name, sign, value, onFilter }: ChipProps) {
  return (
    <button type="button" className="chip" title="Show only lines with this" onClick={() => onFilter(`${name}${sign}${quoted(value)}`)}>
      {`${name}${sign}${value}`}
    </button>
  );
}
