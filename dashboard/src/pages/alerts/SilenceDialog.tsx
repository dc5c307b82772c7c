/** Makes a silence or changes one: from now on or later, once or again and again. */
import { useState } from "react";
import Button from "react-bootstrap/Button";
import ButtonGroup from "react-bootstrap/ButtonGroup";
import Form from "react-bootstrap/Form";

import type { AlertRule, Severity } from "../../api/alerts";
import { ApiError } from "../../api/client";
import { addSilence, changeSilence, type SilenceBody } from "../../api/silences";
import { FormDialog } from "../../components/FormDialog";
import { useAct } from "../../components/useAlerts";
import { useApplications } from "../../components/useApplications";
import { serverNow } from "../../lib/clock";
import { localText } from "../../lib/format";
import { fieldOf } from "../../lib/ruleDraft";

const LENGTHS = [
  { label: "1 h", seconds: 3_600 },
  { label: "4 h", seconds: 4 * 3_600 },
  { label: "1 d", seconds: 86_400 },
  { label: "1 week", seconds: 7 * 86_400 },
] as const;

/** What the dialog begins with; with an id, a silence that is there. */
export type SilenceDraft = Partial<SilenceBody> & { id?: number };

interface Props {
  first: SilenceDraft;
  rules: readonly AlertRule[];
  onHide: () => void;
}

const FIELDS = ["starts", "ends"];

/** To the next whole minute: nobody needs a silence to the second. */
const minuteText = (time: number): string => localText(Math.ceil(time / 60) * 60).slice(0, 16);

export function SilenceDialog({ first, rules, onHide }: Props) {
  const { data } = useApplications();
  const [rule, setRule] = useState(first.rule_id ?? 0);
  const [app, setApp] = useState(first.app_id ?? "");
  const [severity, setSeverity] = useState<Severity | "">(first.severity ?? "");
  const [starts, setStarts] = useState(() => (first.starts === undefined ? "" : minuteText(first.starts)));
  const [ends, setEnds] = useState(() => minuteText(first.ends ?? serverNow() + 3_600));
  const [every, setEvery] = useState<"" | "day" | "week">(first.every ?? "");
  const [comment, setComment] = useState(first.comment ?? "");
  const { id } = first;
  const add = useAct((body: SilenceBody) => (id === undefined ? addSilence(body) : changeSilence(id, body)), onHide);
  const seconds = (text: string): number => Date.parse(text) / 1000;
  const submit = (): void =>
    add.mutate({
      ends: seconds(ends),
      ...(starts === "" ? {} : { starts: seconds(starts) }),
      comment: comment.trim(),
      rule_id: rule === 0 ? null : rule,
      app_id: app === "" ? null : app,
      severity: severity === "" ? null : severity,
      every: every === "" ? null : every,
    });
  const last = (length: number): void => setEnds(minuteText((starts === "" ? serverNow() : seconds(starts)) + length));
  const wrong = add.error instanceof ApiError ? fieldOf(add.error.where) : "";
  return (
    <FormDialog
      title={id === undefined ? "New silence" : "Change the silence"}
      action={id === undefined ? "Keep it silent" : "Save"}
      blocked={Number.isNaN(seconds(ends))}
      pending={add.isPending}
      error={FIELDS.includes(wrong) ? null : add.error}
      onSubmit={submit}
      onHide={onHide}
    >
      <Form.Group controlId="silence-rule" className="field">
        <Form.Label>Rule</Form.Label>
        <Form.Select value={rule} onChange={(event) => setRule(Number(event.target.value))}>
          <option value={0}>Every rule</option>
          {rules.map((known) => (
            <option key={known.id} value={known.id}>
              {known.name}
            </option>
          ))}
        </Form.Select>
      </Form.Group>
      <div className="field-pair">
        <Form.Group controlId="silence-app" className="field">
          <Form.Label>Application</Form.Label>
          <Form.Select value={app} onChange={(event) => setApp(event.target.value)}>
            <option value="">Every application</option>
            {data?.applications.map((known) => (
              <option key={known.app_id} value={known.app_id}>
                {known.name}
              </option>
            ))}
          </Form.Select>
        </Form.Group>
        <Form.Group controlId="silence-severity" className="field">
          <Form.Label>Severity</Form.Label>
          <Form.Select value={severity} onChange={(event) => setSeverity(event.target.value as Severity | "")}>
            <option value="">Any</option>
            <option>info</option>
            <option>warning</option>
            <option>critical</option>
          </Form.Select>
        </Form.Group>
      </div>
      <div className="field-pair times">
        <Form.Group controlId="silence-starts" className="field">
          <Form.Label>From</Form.Label>
          <Form.Control type="datetime-local" value={starts} isInvalid={wrong === "starts"} onChange={(event) => setStarts(event.target.value)} />
          <Form.Text className="muted">{wrong === "starts" ? add.error?.message : "Empty: from now on."}</Form.Text>
        </Form.Group>
        <Form.Group controlId="silence-ends" className="field">
          <Form.Label>To</Form.Label>
          <Form.Control type="datetime-local" required value={ends} isInvalid={wrong === "ends"} onChange={(event) => setEnds(event.target.value)} />
          <Form.Control.Feedback type="invalid">{add.error?.message}</Form.Control.Feedback>
        </Form.Group>
      </div>
      <ButtonGroup size="sm" className="mb-3" role="group" aria-label="How long">
        {LENGTHS.map(({ label, seconds: length }) => (
          <Button key={label} variant="quiet" onClick={() => last(length)}>
            {label}
          </Button>
        ))}
      </ButtonGroup>
      <div className="field-pair">
        <Form.Group controlId="silence-every" className="field">
          <Form.Label>Again</Form.Label>
          <Form.Select value={every} onChange={(event) => setEvery(event.target.value as "" | "day" | "week")}>
            <option value="">Never</option>
            <option value="day">Every day</option>
            <option value="week">Every week</option>
          </Form.Select>
        </Form.Group>
        <Form.Group controlId="silence-comment" className="field">
          <Form.Label>Why</Form.Label>
          <Form.Control value={comment} maxLength={500} placeholder="deploy" autoComplete="off" onChange={(event) => setComment(event.target.value)} />
        </Form.Group>
      </div>
    </FormDialog>
  );
}
