/** What a rule may say besides; all of it has a good default. */
import Form from "react-bootstrap/Form";

import { useChannels } from "../../components/useAlerts";
import { lengthText } from "../../lib/alerts";
import { aggregationsOf } from "../../lib/metrics";
import type { NoDataMeans, SeverityName } from "../../lib/ruleDraft";
import { Field, type FieldsProps } from "./Field";
import { TestButton } from "./TestButton";
import type { KnownMetrics } from "./useKnownMetrics";

const WINDOWS = [10, 30, 60, 300, 900, 3_600, 21_600, 86_400];
const HOLDS = [0, 60, 120, 300, 600, 900, 3_600];
const REPEATS = [60, 300, 600, 1_800, 3_600, 4 * 3_600, 86_400];
const EVERY_KIND = ["avg", "min", "max", "last", "sum", "rate", "count", "p50", "p90", "p95", "p99", "p99.9"];

interface Props extends FieldsProps {
  known: KnownMetrics;
  suited: string;
}

export function MoreFields({ draft, change, errors, known, suited }: Props) {
  const kind = known.kindOf(draft.metric);
  const metric = draft.about === "metric";
  return (
    <div className="more-fields">
      {metric && (
        <Field name="aggregation" label="Added up as" errors={errors}>
          {(wrong) => (
            <Form.Select {...wrong} value={draft.aggregation} onChange={(event) => change({ aggregation: event.target.value })}>
              <option value="">{suited}, suits it</option>
              {withOne(kind === undefined ? EVERY_KIND : aggregationsOf(kind), draft.aggregation).map((name) => (
                <option key={name}>{name}</option>
              ))}
            </Form.Select>
          )}
        </Field>
      )}
      <Field name="window" label="Looked at together" errors={errors}>
        {(wrong) => <Seconds {...wrong} value={draft.window} choices={WINDOWS} onChange={(window) => change({ window })} />}
      </Field>
      <Field name="for" label="Must hold for" errors={errors}>
        {(wrong) => <Seconds {...wrong} value={draft.for} choices={HOLDS} zero="fire at once" onChange={(hold) => change({ for: hold })} />}
      </Field>
      <Field name="recovery_threshold" label="Over at" errors={errors} hint="Empty: at the threshold.">
        {(wrong) => <Form.Control {...wrong} value={draft.recovery} inputMode="decimal" autoComplete="off" onChange={(event) => change({ recovery: event.target.value })} />}
      </Field>
      <Field name="no_data" label="Without data" errors={errors}>
        {(wrong) => (
          <Form.Select {...wrong} value={draft.noData} onChange={(event) => change({ noData: event.target.value as "" | NoDataMeans })}>
            <option value="">what suits it</option>
            <option value="ok">all is well</option>
            <option value="keep">leave it as it is</option>
            <option value="alert">fire</option>
          </Form.Select>
        )}
      </Field>
      <Field name="severity" label="Severity" errors={errors}>
        {(wrong) => (
          <Form.Select {...wrong} value={draft.severity} onChange={(event) => change({ severity: event.target.value as SeverityName })}>
            <option>info</option>
            <option>warning</option>
            <option>critical</option>
          </Form.Select>
        )}
      </Field>
      <Field name="repeat_interval" label="One message at most in" errors={errors} hint="While it lasts, it is told again after twice as long each time.">
        {(wrong) => <Seconds {...wrong} value={draft.repeat} choices={REPEATS} onChange={(repeat) => change({ repeat })} />}
      </Field>
      <Field name="name" label="Name" errors={errors} hint="Empty: its condition in words.">
        {(wrong) => <Form.Control {...wrong} value={draft.name} maxLength={200} autoComplete="off" onChange={(event) => change({ name: event.target.value })} />}
      </Field>
      {metric && (
        <Field name="tags" label="Only series with" errors={errors} hint="One tag a line, like host=web-1.">
          {(wrong) => <Form.Control {...wrong} as="textarea" rows={2} className="mono" value={draft.tags} onChange={(event) => change({ tags: event.target.value })} />}
        </Field>
      )}
      <Field name="runbook_url" label="Runbook" errors={errors} hint="Where one reads what to do.">
        {(wrong) => <Form.Control {...wrong} type="url" value={draft.runbook} placeholder="https://…" onChange={(event) => change({ runbook: event.target.value })} />}
      </Field>
      <Channels {...{ draft, change, errors }} />
    </div>
  );
}

function Channels({ draft, change, errors }: FieldsProps) {
  const { data } = useChannels();
  const error = errors["channels"];
  const toggle = (id: number): void =>
    change({ channels: draft.channels.includes(id) ? draft.channels.filter((other) => other !== id) : [...draft.channels, id] });
  return (
    <fieldset className="field wide">
      <legend className="form-label">Channels that are told too</legend>
      {data?.channels.length === 0 && <span className="muted small">There is none yet; the settings can make some.</span>}
      {data?.channels.map((channel) => (
        <div key={channel.id} className="d-flex flex-wrap gap-2 align-items-center mb-1">
          <Form.Check
            id={`rule-channel-${channel.id}`}
            label={`${channel.name} (${channel.kind})`}
            checked={draft.channels.includes(channel.id)}
            onChange={() => toggle(channel.id)}
          />
          <TestButton to={{ channel: channel.id }} label={`Test ${channel.name}`} />
        </div>
      ))}
      {error !== undefined && <div className="text-error field-about">{error}</div>}
    </fieldset>
  );
}

interface SecondsProps {
  id?: string;
  value: number;
  choices: readonly number[];
  zero?: string;
  isInvalid: boolean;
  onChange: (seconds: number) => void;
}

function Seconds({ value, choices, zero, onChange, ...rest }: SecondsProps) {
  return (
    <Form.Select {...rest} value={value} onChange={(event) => onChange(Number(event.target.value))}>
      {[...new Set([...choices, value])]
        .sort((a, b) => a - b)
        .map((seconds) => (
          <option key={seconds} value={seconds}>
            {seconds === 0 && zero !== undefined ? zero : lengthText(seconds)}
          </option>
        ))}
    </Form.Select>
  );
}

/** The usual choices, and the one that was made elsewhere. */
function withOne(choices: readonly string[], chosen: string): readonly string[] {
  return chosen === "" || choices.includes(chosen) ? choices : [...choices, chosen];
}
