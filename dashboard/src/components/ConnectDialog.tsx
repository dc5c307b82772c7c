/** Registers an application in a dialog: the same on every page that offers it. */
import { useState } from "react";
import Modal from "react-bootstrap/Modal";

import type { CreatedApplication } from "../api/applications";
import { Connect } from "./Connect";

interface Props {
  show: boolean;
  onHide: () => void;
}

export function ConnectDialog({ show, onHide }: Props) {
  const [made, setMade] = useState<CreatedApplication | null>(null);
  return (
    <Modal show={show} onHide={onHide} onExited={() => setMade(null)} size="lg" aria-labelledby="connect-title">
      <Modal.Header closeButton>
        <Modal.Title id="connect-title" as="h2">
          Connect an application
        </Modal.Title>
      </Modal.Header>
      <Modal.Body>
        <Connect made={made} onMade={setMade} />
      </Modal.Body>
    </Modal>
  );
}
