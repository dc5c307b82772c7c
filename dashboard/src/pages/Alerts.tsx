import "./alerts/alerts.scss";

import { useMemo, useState } from "react";
import Button from "react-bootstrap/Button";
import { useLocation, useNavigate } from "react-router";

import type { AlertRule, AlertRules, ApplicationState } from "../api/alerts";
import { Answered } from "../components/Answered";
import { Empty } from "../components/States";
import { useAlertNews, useRules, useSilences } from "../components/useAlerts";
import { useView } from "../components/useView";
import { incidentsOf } from "../lib/alerts";
import { carried } from "../lib/range";
import { History } from "./alerts/History";
import { IncidentCard } from "./alerts/IncidentCard";
import { RuleDialog } from "./alerts/RuleDialog";
import { RuleList } from "./alerts/RuleList";
import { SilenceDialog, type SilenceDraft } from "./alerts/SilenceDialog";
import { SilenceList } from "./alerts/SilenceList";
import { TestDialog } from "./alerts/TestDialog";
import { type Editing, useEditing } from "./alerts/useEditing";

const PARTS = ["rules", "silences", "history"] as const;
type Part = (typeof PARTS)[number];
const TITLES: Record<Part, string> = { rules: "Rules", silences: "Silences", history: "History" };

export default function Alerts() {
  useAlertNews();
  const view = useView();
  const rules = useRules(view.app);
  const editing = useEditing();
  const [silencing, setSilencing] = useState<SilenceDraft | null>(null);
  const [testing, setTesting] = useState(false);
  return (
    <>
      <div className="page-head">
        <h1 className="flex-grow-1">Alerts</h1>
        <Button size="sm" variant="quiet" onClick={() => setTesting(true)}>
          Test notification
        </Button>
        <Button size="sm" onClick={() => editing.open({ kind: "new", metric: "", aggregation: "" })}>
          New rule
        </Button>
      </div>
      <Answered query={rules} what="The rules">
        {(data) => <Whole data={data} editing={editing} onSilence={setSilencing} />}
      </Answered>
      {silencing !== null && <SilenceDialog first={silencing} rules={rules.data?.rules ?? []} onHide={() => setSilencing(null)} />}
      {testing && <TestDialog onHide={() => setTesting(false)} />}
    </>
  );
}

interface WholeProps {
  data: AlertRules;
  editing: Editing;
  onSilence: (first: SilenceDraft) => void;
}

function Whole({ data, editing, onSilence }: WholeProps) {
  const view = useView();
  const navigate = useNavigate();
  const { search } = useLocation();
  const { rules, checker } = data;
  const wanted = Number(view.get("rule")) || null;
  const part = PARTS.find((known) => known === view.get("part")) ?? "rules";
  const silences = useSilences();
  const counts: Record<Part, number | undefined> = { rules: rules.length, silences: silences.data?.silences.length, history: undefined };
  const incidents = useMemo(() => incidentsOf<ApplicationState, AlertRule>(rules, view.app), [rules, view.app]);
  const edited = editing.edited;
  const rule = edited === null || edited.kind === "new" ? undefined : rules.find((known) => known.id === edited.id);
  return (
    <>
      <section aria-labelledby="firing-title" className="mb-4">
        <h2 id="firing-title" className="part-title">
          Firing now {incidents.length > 0 && <span className="count-badge">{incidents.length}</span>}
        </h2>
        {checker.trouble !== "" && (
          <p className="stale" role="status">
            Rules keep their states for now: {checker.trouble}.
          </p>
        )}
        {incidents.length === 0 ? (
          <p className={`panel all-well ${rules.length === 0 ? "none" : ""}`}>{rules.length === 0 ? "No rule yet, so nothing can fire." : "All is well: no rule is firing."}</p>
        ) : (
          <div className="charts">
            {incidents.map((one) => (
              <IncidentCard
                key={`${one.rule.id} ${one.standing.app}`}
                incident={one}
                wanted={one.rule.id === wanted}
                onSilence={() => onSilence({ rule_id: one.rule.id, app_id: one.standing.app })}
              />
            ))}
          </div>
        )}
      </section>
      <div className="parts" role="group" aria-label="Parts">
        {PARTS.map((known) => (
          <button key={known} type="button" aria-pressed={known === part} onClick={() => view.set("part", known === "rules" ? null : known)}>
            {TITLES[known]} {counts[known] !== undefined && <span className="muted">{counts[known]}</span>}
          </button>
        ))}
      </div>
      <section aria-label={TITLES[part]}>
        {part === "rules" && rules.length > 0 && (
          <RuleList
            {...{ rules, wanted, editing }}
            onHistory={(id) => void navigate({ search: carried(search, { part: "history", rule: String(id) }) })}
          />
        )}
        {part === "rules" && rules.length === 0 && (
          <div className="panel">
            <Empty>
              A rule watches a metric or the lines of a log, and tells you when a value is out of bounds.
              <div className="mt-2">
                <Button size="sm" onClick={() => editing.open({ kind: "new", metric: "", aggregation: "" })}>
                  Make the first rule
                </Button>
              </div>
            </Empty>
          </div>
        )}
        {part === "silences" && <SilenceList query={silences} rules={rules} onNew={() => onSilence({})} onChange={onSilence} />}
        {part === "history" && <History rules={rules} />}
      </section>
      {edited !== null && (edited.kind === "new" || rule !== undefined) && (
        <RuleDialog key={`${edited.kind} ${rule?.id ?? ""}`} edited={edited} rule={rule} onHide={editing.close} />
      )}
    </>
  );
}
