import { useCallback, useMemo, useState } from "react";

import { LEVELS, type LogsQuery } from "../api/logs";
import { LogBars } from "../charts/LogBars";
import { Empty, Failed, Loading } from "../components/States";
import { useApplications } from "../components/useApplications";
import { useView } from "../components/useView";
import { knownFrom } from "../lib/completion";
import { LogTable } from "./LogTable";
import { LogTools } from "./LogTools";
import { useExport } from "./useExport";
import { useHistogram } from "./useHistogram";
import { useLogs } from "./useLogs";

export default function Logs() {
  const view = useView();
  const { set } = view;
  const chosen = view.get("level");
  const levels = useMemo(() => chosen.split(",").filter(Boolean), [chosen]);
  const typed = view.get("q");
  const search = view.host === null ? typed : `${typed} host:"${view.host}"`.trim();
  const wanted = view.get("line") === "" ? null : Number(view.get("line"));
  const logs = useLogs(view.app, search, levels, view.range);
  const counts = useHistogram(view.app, search, view.range);
  const { data } = useApplications();
  const apps = data?.applications;
  const [seen, setSeen] = useState(logs.lines);
  // A search that is still being typed finds nothing; what is completed then are values that were seen before.
  if (logs.lines.length > 0 && logs.lines !== seen) setSeen(logs.lines);
  const known = useMemo(
    () => knownFrom(seen, apps?.map((app) => app.app_id) ?? [], apps?.flatMap((app) => app.hosts) ?? []),
    [seen, apps],
  );
  const query = useMemo<LogsQuery>(
    () => ({ ...(view.app === null ? {} : { app: view.app }), q: search, level: levels }),
    [view.app, search, levels],
  );
  const exported = useExport(query, view.range);
  const onSearch = useCallback((text: string) => set("q", text), [set]);
  const filter = (condition: string): void => {
    if (!typed.includes(condition)) set("q", `${typed} ${condition}`.trim());
  };
  const shown = levels.length === 0 ? LEVELS : levels;
  return (
    <>
      <h1 className="visually-hidden">Logs</h1>
      <LogTools
        {...{ q: typed, levels, counts, known, logs, exported, onSearch }}
        onLevels={(next) => set("level", next.join(","))}
      />
      {exported.error !== null && (
        <p className="text-error small" role="alert">
          The export stopped: {exported.error}
        </p>
      )}
      {exported.cut !== null && (
        <p className="stale" role="status">
          The file has the newest {exported.cut.toLocaleString()} lines; this search finds more. Export the rest by choosing times before
          them, or page through <code>GET api/v1/logs</code>, which has no such limit.
        </p>
      )}
      <div className="panel p-0 log-panel">
        <div className="log-bars-box">
          {counts !== undefined && <LogBars found={counts} levels={shown} onZoomTo={view.zoomIn} onBack={view.zoomOut} />}
        </div>
        {counts?.complete === false && (
          <p className="muted small px-3 mb-1">Counting took too long; the oldest lines are not counted. A shorter range helps.</p>
        )}
        <Lines logs={logs} wanted={wanted} onFilter={filter} asked={typed !== "" || levels.length > 0} />
      </div>
    </>
  );
}

interface LinesProps {
  logs: ReturnType<typeof useLogs>;
  wanted: number | null;
  onFilter: (condition: string) => void;
  asked: boolean;
}

function Lines({ logs, wanted, onFilter, asked }: LinesProps) {
  if (logs.lines.length > 0) {
    const line = logs.old ? null : wanted;
    return <LogTable key={`${line ?? ""} ${logs.shown}`} logs={logs} wanted={line} onFilter={onFilter} />;
  }
  if (logs.loading) {
    return (
      <div className="logs">
        <Loading label="log lines" />
      </div>
    );
  }
  if (logs.error !== null) return <Failed what="The log lines" error={logs.error} retry={logs.retry} />;
  return <Empty>{asked ? "No line matches. Try fewer words, or a longer time." : "No log lines in this range."}</Empty>;
}
