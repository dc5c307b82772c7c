import { useState } from "react";
import Form from "react-bootstrap/Form";

import { type ApplicationDetail, changeApplication } from "../api/application";
import { FormDialog } from "../components/FormDialog";
import { useApplicationChange } from "./useApplicationChange";

export function RenameApplication({ app, onHide }: { app: ApplicationDetail; onHide: () => void }) {
  const [name, setName] = useState(app.name);
  const rename = useApplicationChange(app.app_id, () => changeApplication(app.app_id, { name }), onHide);
  return (
    <FormDialog
      title={`Rename ${app.name}`}
      action="Rename"
      blocked={name.trim() === "" || name === app.name}
      pending={rename.isPending}
      error={rename.error}
      onSubmit={() => rename.mutate()}
      onHide={onHide}
    >
      <Form.Group controlId="new-name">
        <Form.Label>New name</Form.Label>
        <Form.Control value={name} maxLength={100} autoFocus autoComplete="off" onChange={(event) => setName(event.target.value)} />
        <Form.Text className="muted">
          The id <span className="mono">{app.app_id}</span> stays, so nothing changes for the programs.
        </Form.Text>
      </Form.Group>
    </FormDialog>
  );
}
