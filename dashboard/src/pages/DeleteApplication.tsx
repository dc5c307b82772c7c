import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import Button from "react-bootstrap/Button";
import Form from "react-bootstrap/Form";

import { type ApplicationDetail, deleteApplication } from "../api/application";
import type { Applications } from "../api/applications";
import { FormDialog } from "../components/FormDialog";
import { Panel } from "../components/Panel";
import { useView } from "../components/useView";

export function DeleteApplication({ app }: { app: ApplicationDetail }) {
  const [asking, setAsking] = useState(false);
  return (
    <Panel
      title="Delete"
      note="Its keys stop to work at once; its metrics and log lines are deleted within a minute. Only a backup brings them back."
      actions={
        <Button size="sm" variant="outline-danger" onClick={() => setAsking(true)}>
          Delete {app.name}
        </Button>
      }
    >
      {asking && <Confirmation app={app} onHide={() => setAsking(false)} />}
    </Panel>
  );
}

function Confirmation({ app, onHide }: { app: ApplicationDetail; onHide: () => void }) {
  const [typed, setTyped] = useState("");
  const { set } = useView();
  const cache = useQueryClient();
  const remove = useMutation({
    mutationFn: () => deleteApplication(app.app_id),
    onSuccess: () => {
      cache.setQueryData<Applications>(["applications"], (known) =>
        known === undefined ? known : { applications: known.applications.filter((one) => one.app_id !== app.app_id) },
      );
      set("app", null);
      cache.removeQueries({ queryKey: ["application", app.app_id] });
    },
  });
  return (
    <FormDialog
      title={`Delete ${app.name} and its data?`}
      action="Delete for good"
      danger
      blocked={typed !== app.app_id}
      pending={remove.isPending}
      error={remove.error}
      onSubmit={() => remove.mutate()}
      onHide={onHide}
    >
      <p>
        Its keys, its metrics ({app.series.now} active series) and all its log lines go. This cannot be undone.
      </p>
      <Form.Group controlId="confirmation">
        <Form.Label>
          To confirm, type <strong className="mono">{app.app_id}</strong>
        </Form.Label>
        <Form.Control value={typed} autoFocus autoComplete="off" spellCheck={false} onChange={(event) => setTyped(event.target.value)} />
      </Form.Group>
    </FormDialog>
  );
}
