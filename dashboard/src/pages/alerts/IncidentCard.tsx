/** One open incident: since when, how bad, its chart, and what a person can do about it. */
import { useMemo } from "react";
import Button from "react-bootstrap/Button";
import Dropdown from "react-bootstrap/Dropdown";
import { Link, useLocation } from "react-router";

import { acknowledge, type AlertRule, type ApplicationState } from "../../api/alerts";
import { addSilence } from "../../api/silences";
import { Ago } from "../../components/Ago";
import { Empty, Failed, Loading } from "../../components/States";
import { useAct } from "../../components/useAlerts";
import { useNow } from "../../components/useNow";
import { conditionOf, type Incident, isNamed, sign, subjectOf, unitOfRule } from "../../lib/alerts";
import { serverNow } from "../../lib/clock";
import { formatValue } from "../../lib/format";
import { Around } from "./Around";
import { RuleChart } from "./RuleChart";
import { useRuleLine } from "./useRuleLine";

const SILENCES = [
  { label: "for 1 hour", seconds: 3_600 },
  { label: "for 4 hours", seconds: 4 * 3_600 },
  { label: "for 1 day", seconds: 86_400 },
] as const;

interface Props {
  incident: Incident<AlertRule, ApplicationState>;
  wanted: boolean;
  onSilence: () => void;
}

export function IncidentCard({ incident, wanted, onSilence }: Props) {
  const { rule, standing, since } = incident;
  const { app, acknowledged_at: acknowledged, silence_id: silence } = standing;
  const unit = unitOfRule(rule);
  const { search } = useLocation();
  const named = isNamed(rule);
  return (
    <article className={`panel incident ${rule.severity} ${acknowledged === null ? "" : "known"} ${wanted ? "wanted-rule" : ""}`} aria-label={`${rule.name}, ${app}`}>
      <div className="incident-head">
        <h3>{named ? rule.name : conditionOf(rule)}</h3>
        <span className={`severity ${rule.severity}`}>{rule.severity}</span>
      </div>
      {named && <p className="muted small mb-0">{conditionOf(rule)}</p>}
      <div className="incident-facts">
        <span className="incident-value">{standing.state === "no_data" ? "no data" : formatValue(standing.value, unit)}</span>
        <span className="muted">
          {sign(rule.condition)} {formatValue(rule.threshold, unit)}
        </span>
        <span>
          <Link to={{ pathname: "/metrics", search: new URLSearchParams({ app }).toString() }}>{app}</Link>
        </span>
        <span className="muted">
          {standing.incident_since === null ? "well again" : "began"} <Ago time={since} never="" />
        </span>
        {standing.flapping && (
          <span className="tag-known" title="One incident: it is over when it has been well for a whole interval of messages">
            flapping, fired {standing.fired} times
          </span>
        )}
        {acknowledged !== null && (
          <span className="tag-known">
            acknowledged <Ago time={acknowledged} never="" />
          </span>
        )}
        {silence !== null && <span className="tag-known">silenced</span>}
      </div>
      <Chart rule={rule} app={app} since={since} />
      <div className="incident-foot">
        <Acts {...{ rule, app, acknowledged, onSilence }} />
        <Around {...{ rule, app, search }} at={since} />
        {rule.runbook_url !== null && (
          <a href={rule.runbook_url} target="_blank" rel="noreferrer">
            Runbook
          </a>
        )}
      </div>
    </article>
  );
}

function Chart({ rule, app, since }: { rule: AlertRule; app: string; since: number }) {
  const { lines, start, end, step, loading, error, retry } = useRuleLine(rule, app);
  const now = useNow(10);
  const spans = useMemo(() => [{ start: since, end: now }], [since, now]);
  return (
    <div className="plot small-plot">
      {lines.length > 0 && <RuleChart label={subjectOf(rule)} {...{ rule, lines, spans, start, end, step }} />}
      {lines.length === 0 && loading && <Loading label={subjectOf(rule)} />}
      {lines.length === 0 && !loading && error !== null && <Failed what="The chart" error={error} retry={retry} />}
      {lines.length === 0 && !loading && error === null && <Empty>No data lately.</Empty>}
    </div>
  );
}

interface ActsProps {
  rule: AlertRule;
  app: string;
  acknowledged: number | null;
  onSilence: () => void;
}

function Acts({ rule, app, acknowledged, onSilence }: ActsProps) {
  const known = useAct(() => acknowledge(rule.id, app));
  const silence = useAct((seconds: number) => addSilence({ ends: serverNow() + seconds, rule_id: rule.id, app_id: app, comment: "" }));
  const failed = known.error ?? silence.error;
  return (
    <>
      {acknowledged === null && (
        <Button size="sm" disabled={known.isPending} title="Say that you look after it: nobody is reminded; its end is told" onClick={() => known.mutate(undefined)}>
          Acknowledge
        </Button>
      )}
      <Dropdown>
        <Dropdown.Toggle size="sm" variant="quiet" disabled={silence.isPending}>
          Silence
        </Dropdown.Toggle>
        <Dropdown.Menu>
          {SILENCES.map(({ label, seconds }) => (
            <Dropdown.Item key={label} as="button" onClick={() => silence.mutate(seconds)}>
              {label}
            </Dropdown.Item>
          ))}
          <Dropdown.Divider />
          <Dropdown.Item as="button" onClick={onSilence}>
            for another time …
          </Dropdown.Item>
        </Dropdown.Menu>
      </Dropdown>
      {failed !== null && (
        <span className="text-error small" role="alert">
          {failed.message}
        </span>
      )}
    </>
  );
}
