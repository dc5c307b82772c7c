/** What happened and who was told, with filters; each event opens to its chart and its messages. */
import { useState } from "react";
import Button from "react-bootstrap/Button";
import ButtonGroup from "react-bootstrap/ButtonGroup";
import Form from "react-bootstrap/Form";

import type { AlertRule, HistoryEvent, State } from "../../api/alerts";
import { Ago } from "../../components/Ago";
import { Answered } from "../../components/Answered";
import { Empty } from "../../components/States";
import { useView } from "../../components/useView";
import { sign, STATE_WORDS, unitOfRule } from "../../lib/alerts";
import { deliveryText } from "../../lib/delivery";
import { formatTime, formatUtc, formatValue } from "../../lib/format";
import { EventDetail } from "./EventDetail";
import { useHistory } from "./useHistory";

const STATES: readonly State[] = ["firing", "resolved", "pending", "no_data", "error"];
const TIMES = [
  { label: "Any time", seconds: 0 },
  { label: "The last 24 hours", seconds: 86_400 },
  { label: "The last 7 days", seconds: 7 * 86_400 },
  { label: "The last 30 days", seconds: 30 * 86_400 },
] as const;

export function History({ rules }: { rules: readonly AlertRule[] }) {
  const view = useView();
  const rule = Number(view.get("rule")) || null;
  const states = STATES.filter((state) => view.get("state").split(",").includes(state));
  const within = Number(view.get("within")) || 0;
  const found = useHistory({ app: view.app, rule, states, within });
  const toggle = (state: State): void =>
    view.set("state", (states.includes(state) ? states.filter((other) => other !== state) : [...states, state]).join(","));
  const filtered = rule !== null || states.length > 0 || within > 0;
  return (
    <>
      <div className="part-tools" role="search" aria-label="Filter the history">
        <Form.Select size="sm" aria-label="Rule" value={rule ?? ""} onChange={(event) => view.set("rule", event.target.value)}>
          <option value="">Every rule</option>
          {rule !== null && rules.every((known) => known.id !== rule) && <option value={rule}>rule {rule}</option>}
          {rules.map((known) => (
            <option key={known.id} value={known.id}>
              {known.name}
            </option>
          ))}
        </Form.Select>
        <Form.Select size="sm" aria-label="Time" value={within} onChange={(event) => view.set("within", event.target.value === "0" ? null : event.target.value)}>
          {TIMES.map(({ label, seconds }) => (
            <option key={seconds} value={seconds}>
              {label}
            </option>
          ))}
        </Form.Select>
        <ButtonGroup size="sm" role="group" aria-label="States" className="flex-wrap">
          {STATES.map((state) => (
            <Button key={state} variant="quiet" aria-pressed={states.includes(state)} onClick={() => toggle(state)}>
              {STATE_WORDS[state]}
            </Button>
          ))}
        </ButtonGroup>
      </div>
      <Answered query={found} what="The history">
        {({ pages }) => {
          const events = pages.flatMap((page) => page.events);
          if (events.length === 0) {
            return (
              <div className="panel">
                <Empty>{filtered ? "Nothing like this happened." : "Nothing has happened yet: transitions of rules are kept here."}</Empty>
              </div>
            );
          }
          return (
            <ul className="panel alert-rows" aria-label="Events">
              {events.map((event) => (
                <Event key={event.id} event={event} rule={rules.find((known) => known.id === event.rule_id)} />
              ))}
            </ul>
          );
        }}
      </Answered>
      {found.hasNextPage && (
        <div className="text-center mt-3">
          <Button size="sm" variant="quiet" disabled={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
            Show older events
          </Button>
        </div>
      )}
    </>
  );
}

function Event({ event, rule }: { event: HistoryEvent; rule: AlertRule | undefined }) {
  const [open, setOpen] = useState(false);
  const unit = rule === undefined ? "plain" : unitOfRule(rule);
  const again = event.state === "resolved" ? "end told" : "still firing";
  return (
    <li aria-label={`${event.rule_name}, ${event.app}: ${STATE_WORDS[event.state]}`}>
      <button type="button" className="event-row" aria-expanded={open} onClick={() => setOpen(!open)}>
        <span className={`alert-state ${event.state}`}>{event.state === event.previous ? again : STATE_WORDS[event.state]}</span>
        <span className="rule-what">
          <strong>{event.rule_name}</strong>
          <span className="muted">
            {event.app}
            {event.metric_value !== null && ` · ${formatValue(event.metric_value, unit)}`}
            {rule !== undefined && ` (${sign(rule.condition)} ${formatValue(event.threshold, unit)})`}
          </span>
        </span>
        <span className="muted event-told">{deliveryText(event.deliveries, event.reason)}</span>
        <span className="event-when" title={formatUtc(event.at)}>
          {formatTime(event.at)}
          <span className="muted d-block">
            <Ago time={event.at} never="" />
          </span>
        </span>
      </button>
      {open && <EventDetail event={event} rule={rule} />}
    </li>
  );
}
