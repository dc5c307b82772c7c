/** Silences and maintenance windows: what they keep back, when, and ending them. */
import type { UseQueryResult } from "@tanstack/react-query";
import { useState } from "react";
import Button from "react-bootstrap/Button";

import type { AlertRule } from "../../api/alerts";
import { endSilence, type Silences, type SilenceState } from "../../api/silences";
import { Answered } from "../../components/Answered";
import { FormDialog } from "../../components/FormDialog";
import { Empty } from "../../components/States";
import { useAct } from "../../components/useAlerts";
import { scopeOf, whenOf } from "../../lib/silence";
import { formatUtc } from "../../lib/format";

interface Props {
  query: UseQueryResult<Silences>;
  rules: readonly AlertRule[];
  onNew: () => void;
  onChange: (silence: SilenceState) => void;
}

export function SilenceList({ query, rules, onNew, onChange }: Props) {
  const [ending, setEnding] = useState<SilenceState | null>(null);
  const end = useAct(endSilence, () => setEnding(null));
  const nameOf = (id: number): string => rules.find((rule) => rule.id === id)?.name ?? `rule ${id}`;
  return (
    <>
      <div className="part-tools">
        <span className="muted">While a silence lasts, what happens is recorded and nobody is told.</span>
        <Button size="sm" variant="quiet" onClick={onNew}>
          New silence
        </Button>
      </div>
      <Answered query={query} what="The silences">
        {({ silences }) =>
          silences.length === 0 ? (
            <div className="panel">
              <Empty>No silence. Before a deploy, one keeps messages back; a window that comes every week is for maintenance.</Empty>
            </div>
          ) : (
            <ul className="panel alert-rows" aria-label="Silences">
              {silences.map((silence) => (
                <li key={silence.id} className="silence-row" aria-label={scopeOf(silence, nameOf)}>
                  <span className={`alert-state ${silence.active ? "quiet" : "off"}`}>{silence.active ? "silent now" : "to come"}</span>
                  <div className="rule-what">
                    <strong>{scopeOf(silence, nameOf)}</strong>
                    <span className="muted" title={`${formatUtc(silence.starts)} – ${formatUtc(silence.ends)}`}>
                      {whenOf(silence)}
                    </span>
                    {silence.comment !== "" && <span>{silence.comment}</span>}
                  </div>
                  <div className="d-flex gap-2">
                    <Button size="sm" variant="quiet" aria-label={`Change the silence of ${scopeOf(silence, nameOf)}`} onClick={() => onChange(silence)}>
                      Change
                    </Button>
                    <Button size="sm" variant="quiet" aria-label={`End the silence of ${scopeOf(silence, nameOf)}`} onClick={() => setEnding(silence)}>
                      End
                    </Button>
                  </div>
                </li>
              ))}
            </ul>
          )
        }
      </Answered>
      {ending !== null && (
        <FormDialog
          title="End this silence?"
          action="End it"
          pending={end.isPending}
          error={end.error}
          onSubmit={() => end.mutate(ending.id)}
          onHide={() => {
            setEnding(null);
            end.reset();
          }}
        >
          What still fires is told with the next look. {ending.every !== null && "The window does not come again."}
        </FormDialog>
      )}
    </>
  );
}
