import { useState } from "react";
import Form from "react-bootstrap/Form";

import { type ApplicationDetail, changeApplication } from "../api/application";
import { FormDialog } from "../components/FormDialog";
import { fieldOf, type Limits, readLimit, readLimits } from "../lib/limits";
import { useApplicationChange } from "./useApplicationChange";

export function ApplicationLimits({ app, onHide }: { app: ApplicationDetail; onHide: () => void }) {
  const [series, setSeries] = useState(fieldOf(app.series));
  const [rows, setRows] = useState(fieldOf(app.rows_per_second));
  const [lines, setLines] = useState(fieldOf(app.lines_per_second));
  const read = readLimits(series, rows, lines);
  const change = useApplicationChange(app.app_id, (limits: Limits) => changeApplication(app.app_id, limits), onHide);
  const fields = [
    { id: "max-series", label: "Most active series", text: series, set: setSeries, use: app.series, whole: true },
    { id: "max-rows", label: "Most summaries per second", text: rows, set: setRows, use: app.rows_per_second, whole: false },
    { id: "max-lines", label: "Most log lines per second", text: lines, set: setLines, use: app.lines_per_second, whole: false },
  ];
  return (
    <FormDialog
      title={`Limits of ${app.name}`}
      action="Save"
      blocked={read === null}
      pending={change.isPending}
      error={change.error}
      onSubmit={() => {
        if (read !== null) change.mutate(read);
      }}
      onHide={onHide}
    >
      <p className="muted">What is over a limit is refused, and counted. An empty field stands for the server&apos;s own limit.</p>
      {fields.map(({ id, label, text, set, use, whole }) => (
        <Form.Group key={id} controlId={id} className="mb-3">
          <Form.Label>{label}</Form.Label>
          <Form.Control
            value={text}
            inputMode="decimal"
            autoComplete="off"
            placeholder={use.own ? "the server's" : `the server's: ${use.limit}`}
            isInvalid={readLimit(text, whole) === undefined}
            onChange={(event) => set(event.target.value)}
          />
          <Form.Control.Feedback type="invalid">A {whole && "whole "}number greater than zero, or nothing.</Form.Control.Feedback>
        </Form.Group>
      ))}
    </FormDialog>
  );
}
