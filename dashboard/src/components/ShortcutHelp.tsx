import Modal from "react-bootstrap/Modal";

import { PAGES } from "./pageList";

const SHORTCUTS = [
  ["/", "Search on this page"],
  ...PAGES.map(({ jump, label }) => [`g ${jump}`, label] as const),
  ["drag", "On a chart: look closer"],
  ["Shift drag", "On a chart: the logs of that time"],
  ["double click", "On a chart: back to where one looked from"],
  ["?", "This list"],
] as const;

export function ShortcutHelp({ show, onHide }: { show: boolean; onHide: () => void }) {
  return (
    <Modal show={show} onHide={onHide} centered aria-labelledby="shortcuts-title">
      <Modal.Header closeButton>
        <Modal.Title id="shortcuts-title" as="h2">
          Keyboard shortcuts
        </Modal.Title>
      </Modal.Header>
      <Modal.Body>
        <dl className="mb-0">
          {SHORTCUTS.map(([keys, what]) => (
            <div key={keys} className="d-flex gap-3 mb-2">
              <dt className="col-4">
                <kbd>{keys}</kbd>
              </dt>
              <dd className="mb-0">{what}</dd>
            </div>
          ))}
        </dl>
      </Modal.Body>
    </Modal>
  );
}
