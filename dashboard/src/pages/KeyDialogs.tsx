/** Making, replacing, revoking a key, and showing a new one for the only time. */
import { useState } from "react";
import Button from "react-bootstrap/Button";
import Form from "react-bootstrap/Form";
import Modal from "react-bootstrap/Modal";

import type { KeyInfo } from "../api/application";
import { type CreatedKey, createKey, revokeKey, rotateKey } from "../api/applicationKeys";
import { FormDialog } from "../components/FormDialog";
import { KeySnippets } from "../components/KeySnippets";
import { useApplicationChange } from "./useApplicationChange";

const OVERLAPS = [
  { seconds: 0, label: "not at all" },
  { seconds: 3600, label: "one hour" },
  { seconds: 86_400, label: "one day" },
  { seconds: 7 * 86_400, label: "a week" },
  { seconds: 30 * 86_400, label: "30 days" },
] as const;

interface Making {
  appId: string;
  onMade: (key: CreatedKey) => void;
  onHide: () => void;
}

export function NewKeyDialog({ appId, onMade, onHide }: Making) {
  const [label, setLabel] = useState("");
  const make = useApplicationChange(appId, () => createKey(appId, { label: label.trim() }), onMade);
  return (
    <FormDialog title="New key" action="Make the key" pending={make.isPending} error={make.error} onSubmit={() => make.mutate()} onHide={onHide}>
      <Form.Group controlId="key-label">
        <Form.Label>Label</Form.Label>
        <Form.Control value={label} maxLength={100} placeholder="web-1" autoFocus autoComplete="off" onChange={(event) => setLabel(event.target.value)} />
        <Form.Text className="muted">Where the key will be used, so that you know later which one to replace.</Form.Text>
      </Form.Group>
    </FormDialog>
  );
}

export function ReplaceKeyDialog({ appId, old, onMade, onHide }: Making & { old: KeyInfo }) {
  const [overlap, setOverlap] = useState(86_400);
  const replace = useApplicationChange(appId, () => rotateKey(appId, old.key_id, { overlap }), onMade);
  return (
    <FormDialog
      title={`Replace ${old.prefix}…`}
      action="Make the new key"
      pending={replace.isPending}
      error={replace.error}
      onSubmit={() => replace.mutate()}
      onHide={onHide}
    >
      <p>A new key with the same label is made. The old one works on for a while, so that programs can change over without a gap.</p>
      <Form.Group controlId="overlap">
        <Form.Label>The old key works on for</Form.Label>
        <Form.Select value={overlap} onChange={(event) => setOverlap(Number(event.target.value))}>
          {OVERLAPS.map(({ seconds, label }) => (
            <option key={seconds} value={seconds}>
              {label}
            </option>
          ))}
        </Form.Select>
      </Form.Group>
    </FormDialog>
  );
}

interface Revoking {
  appId: string;
  old: KeyInfo;
  /** It is the only one. */
  last: boolean;
  onHide: () => void;
}

export function RevokeKeyDialog({ appId, old, last, onHide }: Revoking) {
  const revoke = useApplicationChange(appId, () => revokeKey(appId, old.key_id), onHide);
  return (
    <FormDialog
      title={`Revoke ${old.prefix}…?`}
      action="Revoke"
      danger
      pending={revoke.isPending}
      error={revoke.error}
      onSubmit={() => revoke.mutate()}
      onHide={onHide}
    >
      <p className="mb-0">
        Within a second the server refuses whatever comes with {old.label === "" ? "this key" : <strong>{old.label}</strong>}.{" "}
        {last && "It is the only key: nothing can be sent for this application until it has a new one."}
      </p>
    </FormDialog>
  );
}

export function ShowKeyDialog({ appId, made, onHide }: { appId: string; made: CreatedKey; onHide: () => void }) {
  return (
    <Modal show onHide={onHide} size="lg" backdrop="static" aria-labelledby="made-title">
      <Modal.Header closeButton>
        <Modal.Title id="made-title" as="h2">
          The new key
        </Modal.Title>
      </Modal.Header>
      <Modal.Body>
        <p>This key is shown once; keep it now.</p>
        <KeySnippets appId={appId} apiKey={made.api_key} />
      </Modal.Body>
      <Modal.Footer>
        <Button onClick={onHide}>I have it</Button>
      </Modal.Footer>
    </Modal>
  );
}
