/** The time range: presets, one's own, and stepping back and forward. */
import { useState } from "react";
import Button from "react-bootstrap/Button";
import ButtonGroup from "react-bootstrap/ButtonGroup";
import Dropdown from "react-bootstrap/Dropdown";
import Form from "react-bootstrap/Form";

import { serverNow } from "../lib/clock";
import { formatTime, formatUtc, localText } from "../lib/format";
import { bounds, PRESETS, shifted, type Range } from "../lib/range";
import { Icon } from "./Icon";

interface Props {
  range: Range;
  onChange: (range: Range) => void;
}

export function RangePicker({ range, onChange }: Props) {
  const step = (direction: -1 | 1): void => onChange(shifted(range, direction, serverNow()));
  return (
    <div className="range d-flex align-items-center gap-1" role="group" aria-label="Time range">
      <Button variant="quiet" size="sm" aria-label="Step back in time" onClick={() => step(-1)}>
        <Icon name="back" />
      </Button>
      <ButtonGroup size="sm">
        {PRESETS.map(({ label, seconds }) => (
          <Button
            key={label}
            variant="quiet"
            aria-pressed={range.kind === "last" && range.seconds === seconds}
            onClick={() => onChange({ kind: "last", seconds })}
          >
            {label}
          </Button>
        ))}
        <Custom range={range} onChange={onChange} />
      </ButtonGroup>
      <Button variant="quiet" size="sm" aria-label="Step forward in time" onClick={() => step(1)}>
        <Icon name="forward" />
      </Button>
    </div>
  );
}

function Custom({ range, onChange }: Props) {
  const [open, setOpen] = useState(false);
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  const apply = (): void => {
    const fixed = { start: Date.parse(from) / 1000, end: Date.parse(to) / 1000 };
    if (fixed.end > fixed.start) {
      onChange({ kind: "fixed", ...fixed });
      setOpen(false);
    }
  };
  const toggle = (next: boolean): void => {
    const { start, end } = bounds(range, serverNow());
    setFrom(localText(start));
    setTo(localText(end));
    setOpen(next);
  };
  return (
    <Dropdown as={ButtonGroup} show={open} onToggle={toggle} align="end">
      <Dropdown.Toggle
        size="sm"
        variant="quiet"
        aria-pressed={range.kind === "fixed"}
        title={range.kind === "fixed" ? `${formatUtc(range.start)} – ${formatUtc(range.end)}` : "From and to times of your own"}
      >
        {range.kind === "fixed" ? `${formatTime(range.start)} – ${formatTime(range.end)}` : "Custom"}
      </Dropdown.Toggle>
      <Dropdown.Menu className="p-3">
        <Form.Group controlId="range-from" className="mb-2">
          <Form.Label>From</Form.Label>
          <Form.Control type="datetime-local" step="1" value={from} onChange={(event) => setFrom(event.target.value)} />
        </Form.Group>
        <Form.Group controlId="range-to" className="mb-3">
          <Form.Label>To</Form.Label>
          <Form.Control type="datetime-local" step="1" value={to} onChange={(event) => setTo(event.target.value)} />
        </Form.Group>
        <Button size="sm" onClick={apply}>
          Show
        </Button>
      </Dropdown.Menu>
    </Dropdown>
  );
}
