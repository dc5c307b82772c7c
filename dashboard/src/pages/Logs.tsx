import Button from "react-bootstrap/Button";
import Form from "react-bootstrap/Form";

import { LEVELS } from "../api/logs";
import { Empty, Failed, Loading } from "../components/States";
import { useView } from "../components/useView";
import { LogTable } from "./LogTable";
import { SearchBox } from "./SearchBox";
import { useLogs } from "./useLogs";

export default function Logs() {
  const view = useView();
  const levels = view.get("level").split(",").filter(Boolean);
  const query = view.get("q");
  const logs = useLogs(view.app, query, levels, view.range);
  const toggle = (level: string): void => {
    const next = levels.includes(level) ? levels.filter((known) => known !== level) : [...levels, level];
    view.set("level", next.join(","));
  };
  const filter = (condition: string): void => view.set("q", `${query} ${condition}`.trim());
  return (
    <>
      <h1 className="visually-hidden">Logs</h1>
      <div className="log-tools" role="search">
        <SearchBox value={query} onSearch={(text) => view.set("q", text)} />
        <div className="d-flex gap-1" role="group" aria-label="Levels">
          {LEVELS.map((level) => (
            <Button key={level} size="sm" variant="quiet" aria-pressed={levels.includes(level)} onClick={() => toggle(level)}>
              <span className={`level ${level}`}>{level}</span>
            </Button>
          ))}
        </div>
        <Form.Check
          type="switch"
          id="live-tail"
          label="Live tail"
          checked={logs.tailing}
          disabled={view.range.kind === "fixed"}
          onChange={(event) => logs.setTailing(event.target.checked)}
        />
      </div>
      <div className="panel p-0">
        {logs.loading && (
          <div className="logs">
            <Loading label="log lines" />
          </div>
        )}
        {!logs.loading && logs.error !== null && logs.lines.length === 0 && (
          <Failed what="The log lines" error={logs.error} retry={logs.retry} />
        )}
        {!logs.loading && logs.error === null && logs.lines.length === 0 && (
          <Empty>{query === "" && levels.length === 0 ? "No log lines in this range." : "No line matches. Try fewer words."}</Empty>
        )}
        {logs.lines.length > 0 && <LogTable logs={logs} onFilter={filter} />}
      </div>
    </>
  );
}
