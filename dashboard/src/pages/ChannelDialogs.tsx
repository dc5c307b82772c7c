/** Making and changing a channel, and showing a webhook's new secret for the only time. */
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import Button from "react-bootstrap/Button";
import Form from "react-bootstrap/Form";
import Modal from "react-bootstrap/Modal";

import { changeChannel, type ChannelInfo, type ChannelWithSecret, createChannel } from "../api/channels";
import { FormDialog } from "../components/FormDialog";
import { Snippet } from "../components/Snippet";
import { changesOf, type Kind, KINDS } from "../lib/channels";

interface Storing {
  /** It is stored; a webhook's new secret comes with it. */
  onStored: (secret: string | null) => void;
  onHide: () => void;
}

const secretOf = (answer: ChannelWithSecret): string | null => answer.secret ?? null;

export function NewChannelDialog({ onStored, onHide }: Storing) {
  const [name, setName] = useState("");
  const [kind, setKind] = useState<Kind>("email");
  const [target, setTarget] = useState("");
  const make = useMutation({ mutationFn: createChannel, onSuccess: (answer) => onStored(secretOf(answer)) });
  const chosen = KINDS.find((known) => known.kind === kind);
  return (
    <FormDialog
      title="New channel"
      action="Make the channel"
      blocked={name.trim() === "" || target.trim() === ""}
      pending={make.isPending}
      error={make.error}
      onSubmit={() => make.mutate({ name, kind, target })}
      onHide={onHide}
    >
      <Name value={name} onChange={setName} />
      <Form.Group controlId="channel-kind" className="mb-3">
        <Form.Label>Kind</Form.Label>
        <Form.Select value={kind} onChange={(event) => setKind(KINDS.find((known) => known.kind === event.target.value)?.kind ?? "email")}>
          {KINDS.map((known) => (
            <option key={known.kind} value={known.kind}>
              {known.label}
            </option>
          ))}
        </Form.Select>
        <Form.Text className="muted">{chosen?.help}</Form.Text>
      </Form.Group>
      <Target value={target} onChange={setTarget} placeholder={chosen?.example ?? ""} />
    </FormDialog>
  );
}

export function ChangeChannelDialog({ channel, onStored, onHide }: Storing & { channel: ChannelInfo }) {
  const [name, setName] = useState(channel.name);
  const [target, setTarget] = useState("");
  const [newSecret, setNewSecret] = useState(false);
  const changes = changesOf(channel, name, target, newSecret);
  const change = useMutation({
    mutationFn: () => changeChannel(channel.id, changes ?? {}),
    onSuccess: (answer) => onStored(secretOf(answer)),
  });
  return (
    <FormDialog
      title={`Change ${channel.name}`}
      action="Save"
      blocked={changes === null}
      pending={change.isPending}
      error={change.error}
      onSubmit={() => change.mutate()}
      onHide={onHide}
    >
      <Name value={name} onChange={setName} />
      <Target value={target} onChange={setTarget} placeholder={`stays: ${channel.target}`} />
      {channel.kind === "webhook" && (
        <Form.Check id="new-secret" label="Sign with a new secret" checked={newSecret} onChange={(event) => setNewSecret(event.target.checked)} />
      )}
    </FormDialog>
  );
}

interface Field {
  value: string;
  onChange: (value: string) => void;
}

function Name({ value, onChange }: Field) {
  return (
    <Form.Group controlId="channel-name" className="mb-3">
      <Form.Label>Name</Form.Label>
      <Form.Control value={value} maxLength={100} placeholder="night watch" autoFocus autoComplete="off" onChange={(event) => onChange(event.target.value)} />
    </Form.Group>
  );
}

function Target({ value, onChange, placeholder }: Field & { placeholder: string }) {
  return (
    <Form.Group controlId="channel-target" className="mb-3">
      <Form.Label>Address</Form.Label>
      <Form.Control
        className="mono"
        value={value}
        maxLength={2000}
        placeholder={placeholder}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => onChange(event.target.value)}
      />
      <Form.Text className="muted">What is secret in it is not shown again.</Form.Text>
    </Form.Group>
  );
}

export function SecretDialog({ secret, onHide }: { secret: string; onHide: () => void }) {
  return (
    <Modal show onHide={onHide} backdrop="static" aria-labelledby="secret-title">
      <Modal.Header closeButton>
        <Modal.Title id="secret-title" as="h2">
          The webhook&apos;s secret
        </Modal.Title>
      </Modal.Header>
      <Modal.Body>
        <p>It is shown once; give it to the program that receives the messages, to check who sent them.</p>
        <Snippet label="Secret" code={secret} />
      </Modal.Body>
      <Modal.Footer>
        <Button onClick={onHide}>I have it</Button>
      </Modal.Footer>
    </Modal>
  );
}
