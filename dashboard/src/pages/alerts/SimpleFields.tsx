/** What every rule needs: which application, what, how much, and who is told. */
import Button from "react-bootstrap/Button";
import ButtonGroup from "react-bootstrap/ButtonGroup";
import Form from "react-bootstrap/Form";

import { useApplications } from "../../components/useApplications";
import { formatValue, unitOf } from "../../lib/format";
import type { Condition } from "../../lib/ruleDraft";
import { sign } from "../../lib/alerts";
import { Field, type FieldsProps } from "./Field";
import { TestButton } from "./TestButton";
import type { KnownMetrics } from "./useKnownMetrics";

const CONDITIONS: readonly Condition[] = [">", ">=", "<", "<=", "==", "!="];
const WORDS: Record<Condition, string> = {
  ">": "above",
  ">=": "at or above",
  "<": "below",
  "<=": "at or below",
  "==": "equal to",
  "!=": "not equal to",
};

export function SimpleFields({ draft, change, errors, known }: FieldsProps & { known: KnownMetrics }) {
  const { data } = useApplications();
  const logs = draft.about === "logs";
  return (
    <>
      <div className="field">
        <ButtonGroup size="sm" role="group" aria-label="What the rule is about">
          <Button variant="quiet" aria-pressed={!logs} onClick={() => change({ about: "metric" })}>
            A metric
          </Button>
          <Button variant="quiet" aria-pressed={logs} onClick={() => change({ about: "logs" })}>
            Lines of the log
          </Button>
        </ButtonGroup>
      </div>
      <Field name="app_id" label="Application" errors={errors}>
        {(wrong) => (
          <Form.Select {...wrong} value={draft.app} onChange={(event) => change({ app: event.target.value })}>
            <option value="">Each application</option>
            {data?.applications.map((app) => (
              <option key={app.app_id} value={app.app_id}>
                {app.name}
              </option>
            ))}
          </Form.Select>
        )}
      </Field>
      {logs ? (
        <Field name="query" label="Lines that match" errors={errors} hint="As on the page of logs; empty counts every line.">
          {(wrong) => (
            <Form.Control
              {...wrong}
              value={draft.query}
              className="mono"
              placeholder='level:error "card refused"'
              autoComplete="off"
              spellCheck={false}
              onChange={(event) => change({ query: event.target.value })}
            />
          )}
        </Field>
      ) : (
        <Field name="metric_name" label="Metric" errors={errors}>
          {(wrong) => (
            <>
              <Form.Control
                {...wrong}
                value={draft.metric}
                list="rule-metrics"
                placeholder="cpu_percent"
                autoComplete="off"
                spellCheck={false}
                onChange={(event) => change({ metric: event.target.value })}
              />
              <datalist id="rule-metrics">
                {known.names.map((name) => (
                  <option key={name} value={name} />
                ))}
              </datalist>
            </>
          )}
        </Field>
      )}
      <div className="field-pair">
        <Field name="condition" label={logs ? "Their number is" : "Is"} errors={errors}>
          {(wrong) => (
            <Form.Select {...wrong} value={draft.condition} onChange={(event) => change({ condition: event.target.value as Condition })}>
              {CONDITIONS.map((condition) => (
                <option key={condition} value={condition}>
                  {sign(condition)} {WORDS[condition]}
                </option>
              ))}
            </Form.Select>
          )}
        </Field>
        <Field name="threshold" label="Threshold" errors={errors} hint={<Meant {...{ draft, known }} />}>
          {(wrong) => <Form.Control {...wrong} value={draft.threshold} inputMode="decimal" autoComplete="off" onChange={(event) => change({ threshold: event.target.value })} />}
        </Field>
      </div>
      <Field name="notification_email" label="E-mail" errors={errors} hint="Who is told; may be empty.">
        {(wrong) => (
          <Form.Control
            {...wrong}
            type="email"
            value={draft.email}
            placeholder="ops@example.org"
            autoComplete="email"
            onChange={(event) => change({ email: event.target.value })}
          />
        )}
      </Field>
      {draft.email.trim() !== "" && <TestButton to={{ email: draft.email.trim() }} label="Send a test mail" />}
    </>
  );
}

/** A threshold is in the metric's own unit, seconds or bytes: how it will be read. */
function Meant({ draft, known }: { draft: FieldsProps["draft"]; known: KnownMetrics }) {
  const value = Number(draft.threshold);
  if (draft.threshold.trim() === "" || !Number.isFinite(value) || draft.about === "logs") return null;
  const aggregation = draft.aggregation === "" ? known.suited(draft.metric) : draft.aggregation;
  const unit = unitOf(draft.metric, known.kindOf(draft.metric) ?? "gauge", aggregation);
  return unit === "plain" ? null : <>That is {formatValue(value, unit)}.</>;
}
