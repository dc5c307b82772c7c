/** Finds metrics: typing narrows the page down, choosing one adds its chart to a person's own. */
import { useId, useState } from "react";
import Form from "react-bootstrap/Form";

import type { Metric } from "../lib/metrics";
import { matches } from "../lib/metrics";

const MOST = 8;

interface Props {
  metrics: readonly Metric[];
  value: string;
  onSearch: (text: string) => void;
  onAdd: (metric: Metric) => void;
}

export function MetricSearch({ metrics, value, onSearch, onAdd }: Props) {
  const list = useId();
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(-1);
  const found = value === "" ? [] : metrics.filter((metric) => matches(metric.name, value)).slice(0, MOST);
  const shown = open && found.length > 0;
  const add = (metric: Metric | undefined): void => {
    if (metric === undefined) return;
    onAdd(metric);
    setOpen(false);
    setAt(-1);
  };
  const pressed = (event: React.KeyboardEvent): void => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      setOpen(true);
      const step = event.key === "ArrowDown" ? 1 : -1;
      setAt((before) => (before + step + found.length) % Math.max(1, found.length));
    } else if (event.key === "Enter") {
      event.preventDefault();
      add(found[Math.max(0, at)]);
    } else if (event.key === "Escape") {
      setOpen(false);
    }
  };
  return (
    <div className="combo flex-grow-1">
      <Form.Control
        type="search"
        size="sm"
        role="combobox"
        aria-label="Find a metric"
        aria-expanded={shown}
        aria-controls={list}
        aria-autocomplete="list"
        aria-activedescendant={shown && at >= 0 ? `${list}-${at}` : undefined}
        placeholder="Find a metric; Enter adds its chart to yours"
        autoComplete="off"
        spellCheck={false}
        value={value}
        onFocus={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onKeyDown={pressed}
        onChange={(event) => {
          setOpen(true);
          setAt(-1);
          onSearch(event.target.value);
        }}
      />
      <ul className="combo-list" id={list} role="listbox" aria-label="Metrics" hidden={!shown}>
        {found.map((metric, i) => (
          <li
            key={metric.name}
            id={`${list}-${i}`}
            role="option"
            aria-selected={i === at}
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => add(metric)}
          >
            <span>{metric.name}</span>
            <span className="muted">{metric.kind}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
