/** A dialog that asks for something and does it. Show it by drawing it: what was typed goes with it. */
import { type ReactNode, useId } from "react";
import Button from "react-bootstrap/Button";
import Form from "react-bootstrap/Form";
import Modal from "react-bootstrap/Modal";

interface Props {
  title: string;
  /** What the button that does it says. */
  action: string;
  /** It cannot be undone. */
  danger?: boolean;
  /** What is typed so far is not enough. */
  blocked?: boolean;
  pending: boolean;
  error: Error | null;
  onSubmit: () => void;
  onHide: () => void;
  children: ReactNode;
}

export function FormDialog({ title, action, danger = false, blocked = false, pending, error, onSubmit, onHide, children }: Props) {
  const id = useId();
  return (
    <Modal show onHide={onHide} aria-labelledby={id}>
      <Form
        onSubmit={(event) => {
          event.preventDefault();
          if (!blocked && !pending) onSubmit();
        }}
      >
        <Modal.Header closeButton>
          <Modal.Title id={id} as="h2">
            {title}
          </Modal.Title>
        </Modal.Header>
        <Modal.Body>
          {children}
          {error !== null && (
            <p className="text-error mb-0 mt-3" role="alert">
              {error.message}
            </p>
          )}
        </Modal.Body>
        <Modal.Footer>
          <Button variant="quiet" onClick={onHide}>
            Cancel
          </Button>
          <Button type="submit" variant={danger ? "danger" : "primary"} disabled={blocked || pending}>
            {action}
          </Button>
        </Modal.Footer>
      </Form>
    </Modal>
  );
}
