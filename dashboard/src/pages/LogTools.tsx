/** Above the lines: the search box, the levels with how many lines each has, the live tail and the export. */
import Button from "react-bootstrap/Button";
import Dropdown from "react-bootstrap/Dropdown";
import Form from "react-bootstrap/Form";

import { type HistogramAnswer, LEVELS } from "../api/logs";
import { total } from "../lib/bars";
import type { Known } from "../lib/completion";
import { formatValue } from "../lib/format";
import { SearchBox } from "./SearchBox";
import type { Export } from "./useExport";
import type { Logs } from "./useLogs";

interface Props {
  q: string;
  levels: readonly string[];
  counts: HistogramAnswer | undefined;
  known: Known;
  logs: Logs;
  exported: Export;
  onSearch: (q: string) => void;
  onLevels: (levels: readonly string[]) => void;
}

export function LogTools({ q, levels, counts, known, logs, exported, onSearch, onLevels }: Props) {
  const toggle = (level: string): void => onLevels(levels.includes(level) ? levels.filter((other) => other !== level) : [...levels, level]);
  return (
    <div className="log-tools" role="search">
      <SearchBox value={q} known={known} onSearch={onSearch} />
      <div className="level-chips" role="group" aria-label="Levels">
        {LEVELS.map((level) => (
          <Button key={level} size="sm" variant="quiet" aria-pressed={levels.includes(level)} onClick={() => toggle(level)}>
            <span className={`level ${level}`}>{level}</span>
            <span className="count">{counts === undefined ? "" : ` ${formatValue(total(counts, level), "plain")}`}</span>
          </Button>
        ))}
      </div>
      <Form.Check
        type="switch"
        id="live-tail"
        label="Live tail"
        checked={logs.tailing}
        disabled={!logs.follows}
        onChange={(event) => logs.setTailing(event.target.checked)}
      />
      {exported.done === null ? (
        <Dropdown align="end">
          <Dropdown.Toggle size="sm" variant="quiet" disabled={logs.lines.length === 0}>
            Export
          </Dropdown.Toggle>
          <Dropdown.Menu>
            <Dropdown.Item as="button" onClick={() => exported.start("ndjson")}>
              As NDJSON
            </Dropdown.Item>
            <Dropdown.Item as="button" onClick={() => exported.start("csv")}>
              As CSV
            </Dropdown.Item>
          </Dropdown.Menu>
        </Dropdown>
      ) : (
        <span role="status">
          {formatValue(exported.done, "plain")} lines{" "}
          <Button size="sm" variant="quiet" onClick={exported.stop}>
            Stop
          </Button>
        </span>
      )}
    </div>
  );
}
