/** The rules: where each stands, and what can be done with it. */
import { useState } from "react";
import Dropdown from "react-bootstrap/Dropdown";
import Form from "react-bootstrap/Form";

import { type AlertRule, deleteRule, enableRule } from "../../api/alerts";
import { Ago } from "../../components/Ago";
import { FormDialog } from "../../components/FormDialog";
import { Icon } from "../../components/Icon";
import { useAct, useChannels } from "../../components/useAlerts";
import { conditionOf, isNamed, lengthText, STATE_WORDS, unitOfRule } from "../../lib/alerts";
import { formatValue } from "../../lib/format";
import type { Editing } from "./useEditing";

interface Props {
  rules: readonly AlertRule[];
  wanted: number | null;
  editing: Editing;
  onHistory: (rule: number) => void;
}

export function RuleList({ rules, wanted, editing, onHistory }: Props) {
  const [doomed, setDoomed] = useState<AlertRule | null>(null);
  const remove = useAct(deleteRule, () => setDoomed(null));
  return (
    <>
      <ul className="panel alert-rows" aria-label="Rules">
        {rules.map((rule) => (
          <Row key={rule.id} {...{ rule, editing, onHistory }} wanted={rule.id === wanted} onDelete={() => setDoomed(rule)} />
        ))}
      </ul>
      {doomed !== null && (
        <FormDialog
          title="Delete this rule?"
          action="Delete the rule"
          danger
          pending={remove.isPending}
          error={remove.error}
          onSubmit={() => remove.mutate(doomed.id)}
          onHide={() => {
            setDoomed(null);
            remove.reset();
          }}
        >
          <strong>{doomed.name}</strong> is judged no more, and nobody is told of it. Its history stays.
        </FormDialog>
      )}
    </>
  );
}

interface RowProps {
  rule: AlertRule;
  wanted: boolean;
  editing: Editing;
  onHistory: (rule: number) => void;
  onDelete: () => void;
}

function Row({ rule, wanted, editing, onHistory, onDelete }: RowProps) {
  const [enabled, setEnabled, failed] = useSwitch(rule);
  const named = isNamed(rule);
  const trouble = failed?.message ?? rule.applications.find((one) => one.reason !== "")?.reason;
  return (
    <li className={`rule-row ${wanted ? "wanted-rule" : ""} ${enabled ? "" : "off"}`} aria-label={rule.name}>
      <RuleState rule={rule} enabled={enabled} />
      <div className="rule-what">
        <strong>{named ? rule.name : conditionOf(rule)}</strong>
        {named && <span className="muted">{conditionOf(rule)}</span>}
        <span className="muted">
          {[rule.app_id ?? "each application", rule.for > 0 ? `for ${lengthText(rule.for)}` : "", rule.severity].filter(Boolean).join(" · ")}
        </span>
        {trouble !== undefined && <span className="text-error">{trouble}</span>}
      </div>
      <span className="rule-value" title="The value of the last window">
        {rule.enabled ? formatValue(rule.value, unitOfRule(rule)) : ""}
      </span>
      <Told rule={rule} />
      <div className="rule-acts">
        <Form.Check
          type="switch"
          id={`enabled-${rule.id}`}
          aria-label={`${rule.name} is judged`}
          title={enabled ? "Judged; switch it off" : "Not judged; switch it on"}
          checked={enabled}
          onChange={(event) => setEnabled(event.target.checked)}
        />
        <Dropdown align="end">
          <Dropdown.Toggle variant="quiet" size="sm" className="menu-toggle" aria-label={`More for ${rule.name}`}>
            <Icon name="more" />
          </Dropdown.Toggle>
          <Dropdown.Menu>
            <Dropdown.Item as="button" onClick={() => editing.open({ kind: "edit", id: rule.id })}>
              Edit
            </Dropdown.Item>
            <Dropdown.Item as="button" onClick={() => editing.open({ kind: "copy", id: rule.id })}>
              Duplicate
            </Dropdown.Item>
            <Dropdown.Item as="button" onClick={() => onHistory(rule.id)}>
              Its history
            </Dropdown.Item>
            <Dropdown.Divider />
            <Dropdown.Item as="button" className="text-error" onClick={onDelete}>
              Delete
            </Dropdown.Item>
          </Dropdown.Menu>
        </Dropdown>
      </div>
    </li>
  );
}

/** Whether a rule is judged, at once as it was switched; what the server says of it later counts. */
function useSwitch(rule: AlertRule): [boolean, (enabled: boolean) => void, Error | null] {
  const [wanted, setWanted] = useState({ enabled: rule.enabled, at: rule.updated_at });
  const enable = useAct((enabled: boolean) => enableRule(rule.id, enabled));
  const change = (enabled: boolean): void => {
    setWanted({ enabled, at: rule.updated_at });
    enable.mutate(enabled, { onError: () => setWanted({ enabled: rule.enabled, at: rule.updated_at }) });
  };
  return [wanted.at === rule.updated_at ? wanted.enabled : rule.enabled, change, enable.error];
}

function RuleState({ rule, enabled }: { rule: AlertRule; enabled: boolean }) {
  if (!enabled) return <span className="alert-state off">off</span>;
  if (rule.since === null) return <span className="alert-state off">not judged yet</span>;
  return (
    <span className={`alert-state ${rule.state}`}>
      <span>
        {STATE_WORDS[rule.state]}
        {rule.applications.some((one) => one.flapping) && ", flapping"}
        <span className="muted d-block">
          <Ago time={rule.since} never="" />
        </span>
      </span>
    </span>
  );
}

/** Who is told; a rule that tells nobody is easily overlooked. */
function Told({ rule }: { rule: AlertRule }) {
  const { data } = useChannels();
  const names = rule.channels.map((id) => data?.channels.find((channel) => channel.id === id)?.name ?? `channel ${id}`);
  const all = [...(rule.notification_email === null ? [] : [rule.notification_email]), ...names];
  const text = all.length === 0 ? "tells nobody" : all.join(", ");
  return (
    <span className={`rule-told ${all.length === 0 ? "muted" : ""}`} title={text}>
      {text}
    </span>
  );
}
