/** The dialog in which a rule is written: the fields on one side, what it would have done on the other. */
import { useState } from "react";
import Button from "react-bootstrap/Button";
import Form from "react-bootstrap/Form";
import Modal from "react-bootstrap/Modal";

import { addRule, type AlertRule, replaceRule } from "../../api/alerts";
import { ApiError } from "../../api/client";
import { useAct } from "../../components/useAlerts";
import { useView } from "../../components/useView";
import { isNamed } from "../../lib/alerts";
import { bodyOf, draftOf, EMPTY_DRAFT, type Errors, errorsOf, fieldOf, isUnderMore, type RuleDraft } from "../../lib/ruleDraft";
import { MoreFields } from "./MoreFields";
import { PreviewPanel } from "./PreviewPanel";
import { SimpleFields } from "./SimpleFields";
import type { Edited } from "./useEditing";
import { useKnownMetrics } from "./useKnownMetrics";
import { usePreview } from "./usePreview";

const TITLES = { new: "New rule", edit: "Edit rule", copy: "Duplicate rule" };

interface Props {
  edited: Edited;
  rule: AlertRule | undefined;
  onHide: () => void;
}

export function RuleDialog({ edited, rule, onHide }: Props) {
  const { app } = useView();
  const [draft, setDraft] = useState<RuleDraft>(() => firstDraft(edited, rule, app ?? ""));
  const [asked, setAsked] = useState(false);
  const [more, setMore] = useState(false);
  const known = useKnownMetrics(draft.app);
  const suited = known.suited(draft.metric);
  const missing = errorsOf(draft);
  const preview = usePreview(draft, suited, Object.keys(missing).length === 0);
  const save = useAct((body: ReturnType<typeof bodyOf>) => (edited.kind === "edit" ? replaceRule(edited.id, body) : addRule(body)), onHide);
  const errors: Errors = { ...said(preview.error), ...said(save.error), ...(asked ? missing : {}) };
  const change = (to: Partial<RuleDraft>): void => {
    setDraft((before) => ({ ...before, ...to }));
    save.reset();
  };
  const submit = (): void => {
    setAsked(true);
    if (Object.keys(missing).some(isUnderMore)) setMore(true);
    if (Object.keys(missing).length > 0 || save.isPending) return;
    save.mutate(bodyOf(draft, suited), {
      onError: (error) => {
        if (Object.keys(said(error)).some(isUnderMore)) setMore(true);
      },
    });
  };
  return (
    <Modal show onHide={onHide} size="xl" fullscreen="lg-down" scrollable aria-labelledby="rule-title">
      <Modal.Header closeButton>
        <Modal.Title id="rule-title" as="h2">
          {TITLES[edited.kind]}
        </Modal.Title>
      </Modal.Header>
      <Modal.Body>
        <Form
          id="rule-form"
          className="rule-form"
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            submit();
          }}
        >
          <div>
            <SimpleFields {...{ draft, change, errors, known }} />
            <details className="more" open={more} onToggle={(event) => setMore(event.currentTarget.open)}>
              <summary>More</summary>
              <MoreFields {...{ draft, change, errors, known, suited }} />
            </details>
          </div>
          <PreviewPanel preview={preview} draft={draft} suited={suited} />
        </Form>
      </Modal.Body>
      <Modal.Footer>
        {errors[""] !== undefined && (
          <span className="text-error small me-auto" role="alert">
            {errors[""]}
          </span>
        )}
        <Button variant="quiet" onClick={onHide}>
          Cancel
        </Button>
        <Button type="submit" form="rule-form" disabled={save.isPending}>
          {edited.kind === "edit" ? "Save the rule" : "Make the rule"}
        </Button>
      </Modal.Footer>
    </Modal>
  );
}

function firstDraft(edited: Edited, rule: AlertRule | undefined, app: string): RuleDraft {
  if (edited.kind === "new") return { ...EMPTY_DRAFT, app, metric: edited.metric, aggregation: edited.aggregation };
  if (rule === undefined) return EMPTY_DRAFT;
  const draft = draftOf(rule, isNamed(rule));
  return edited.kind === "copy" && draft.name !== "" ? { ...draft, name: `${draft.name} (copy)` } : draft;
}

/** What the server says, at the field that it is about. */
function said(error: Error | null): Errors {
  if (error === null) return {};
  return { [error instanceof ApiError ? fieldOf(error.where) : ""]: error.message };
}
