/** One event whole: the values that led to it, and each message with each attempt to deliver it. */
import { useMemo } from "react";
import { useLocation } from "react-router";

import type { AlertRule, HistoryDelivery, HistoryEvent, State } from "../../api/alerts";
import { isCompared } from "../../lib/alerts";
import { deliveryWord } from "../../lib/delivery";
import { formatTime, formatUtc } from "../../lib/format";
import type { Line } from "../../lib/points";
import { Around } from "./Around";
import { RuleChart } from "./RuleChart";

const NONE = [] as const;
const TOLD: readonly State[] = ["firing", "no_data", "resolved"];

export function EventDetail({ event, rule }: { event: HistoryEvent; rule: AlertRule | undefined }) {
  const { search } = useLocation();
  return (
    <div className="event-detail">
      {event.reason !== "" && <p className="mb-0">{event.reason}</p>}
      {rule !== undefined && event.points.length > 1 && <Before event={event} rule={rule} />}
      {event.deliveries.length > 0 ? (
        <ul className="deliveries" aria-label="Messages">
          {event.deliveries.map((delivery) => (
            <Delivery key={delivery.id} delivery={delivery} />
          ))}
        </ul>
      ) : (
        event.reason === "" && <p className="muted mb-0">{TOLD.includes(event.state) ? "The rule names nobody to tell." : "Nobody is told of such a change."}</p>
      )}
      <div className="incident-foot">
        <Around rule={rule ?? { metric_name: null, query: null, window: 60 }} app={event.app} at={event.at} search={search} />
      </div>
    </div>
  );
}

function Before({ event, rule }: { event: HistoryEvent; rule: AlertRule }) {
  const { points, at, threshold } = event;
  const lines = useMemo<readonly Line[]>(
    () => [{ name: event.rule_name, tags: {}, times: points.map(([time]) => time), values: points.map(([, value]) => value) }],
    [points, event.rule_name],
  );
  const start = points[0]?.[0] ?? at;
  const apart = (points[1]?.[0] ?? at) - start;
  const shown = { ...rule, threshold: isCompared(rule, apart) ? threshold : null };
  return (
    <div className="plot small-plot">
      <RuleChart label="The time before" rule={shown} lines={lines} spans={NONE} start={start} end={at} step={apart} />
    </div>
  );
}

function Delivery({ delivery }: { delivery: HistoryDelivery }) {
  return (
    <li>
      <span className={`delivery ${delivery.state}`}>{deliveryWord(delivery.state)}</span> <strong>{delivery.name}</strong>{" "}
      {delivery.reason !== "" && <span className="muted">{delivery.reason}</span>}
      {delivery.next_at !== null && (
        <span className="muted" title={formatUtc(delivery.next_at)}>
          {" "}
          next try {formatTime(delivery.next_at)}
        </span>
      )}
      {delivery.attempts.length > 0 && (
        <ol aria-label={`Attempts to ${delivery.name}`}>
          {delivery.attempts.map((attempt) => (
            <li key={attempt.at}>
              <span className="muted" title={formatUtc(attempt.at)}>
                {formatTime(attempt.at)}
              </span>{" "}
              <span className={attempt.ok ? "text-ok" : "text-error"}>{attempt.ok ? "taken" : "not taken"}</span> {attempt.answer}
            </li>
          ))}
        </ol>
      )}
    </li>
  );
}
