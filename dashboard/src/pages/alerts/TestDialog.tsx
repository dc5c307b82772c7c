/** Tries out whether messages arrive: at an address of e-mail, or by a channel. */
import { useState } from "react";
import Form from "react-bootstrap/Form";
import Modal from "react-bootstrap/Modal";

import { useChannels } from "../../components/useAlerts";
import { TestButton } from "./TestButton";

export function TestDialog({ onHide }: { onHide: () => void }) {
  const { data } = useChannels();
  const [email, setEmail] = useState("");
  return (
    <Modal show onHide={onHide} aria-labelledby="test-title">
      <Modal.Header closeButton>
        <Modal.Title id="test-title" as="h2">
          Test notification
        </Modal.Title>
      </Modal.Header>
      <Modal.Body>
        <p className="muted">A message that says it is a test, sent now; what the other side answers stands beside the button.</p>
        <Form.Group controlId="test-email" className="mb-2">
          <Form.Label>E-mail</Form.Label>
          <Form.Control type="email" value={email} placeholder="ops@example.org" autoComplete="email" onChange={(event) => setEmail(event.target.value)} />
        </Form.Group>
        {email.trim() !== "" && <TestButton key={email.trim()} to={{ email: email.trim() }} label="Send a test mail" />}
        {data?.channels.map((channel) => (
          <div key={channel.id} className="mt-3">
            <div className="small mb-1">
              {channel.name} <span className="muted">{channel.target}</span>
            </div>
            <TestButton to={{ channel: channel.id }} label={`Test ${channel.name}`} />
          </div>
        ))}
      </Modal.Body>
    </Modal>
  );
}
