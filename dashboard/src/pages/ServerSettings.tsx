/** What the server was told when it was started, and where; and the line that tells it something else. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import Button from "react-bootstrap/Button";
import Form from "react-bootstrap/Form";
import Modal from "react-bootstrap/Modal";

import { getSettings, type Setting } from "../api/settings";
import { Answered } from "../components/Answered";
import { type Column, DataTable } from "../components/DataTable";
import { Panel } from "../components/Panel";
import { Snippet } from "../components/Snippet";
import { Empty } from "../components/States";
import { useView } from "../components/useView";
import { matches } from "../lib/metrics";
import { outdoneBy, sourceText, waysTo, wrongWith } from "../lib/settings";

export function ServerSettings() {
  const view = useView();
  const query = useQuery({ queryKey: ["settings"], queryFn: ({ signal }) => getSettings(signal) });
  const [changing, setChanging] = useState<Setting | null>(null);
  const search = view.get("q");
  return (
    <Panel
      title="Configuration"
      note="The server reads it once, when it starts. What is chosen here is a line to copy; it holds from the next start on."
      actions={
        <Form.Control
          size="sm"
          type="search"
          aria-label="Find a setting"
          placeholder="retention, smtp, port …"
          value={search}
          onChange={(event) => view.set("q", event.target.value, true)}
        />
      }
    >
      <Answered query={query} what="The settings">
        {({ settings }) => {
          const found = settings.filter((setting) => matches(`${setting.name} ${setting.doc}`, search));
          return found.length === 0 ? (
            <Empty>No setting is called like “{search}”.</Empty>
          ) : (
            <DataTable label="Configuration" columns={columns(setChanging)} rows={found} keyOf={(setting) => setting.name} />
          );
        }}
      </Answered>
      {changing !== null && <ChangeSetting setting={changing} onHide={() => setChanging(null)} />}
    </Panel>
  );
}

function columns(onChange: (setting: Setting) => void): Column<Setting>[] {
  return [
    {
      head: "Setting",
      cell: (setting) => (
        <>
          <span className="mono fw-semibold">{setting.name}</span>
          <div className="muted small">{setting.doc}</div>
        </>
      ),
    },
    { head: "In use", cell: (setting) => (setting.value === "" ? <span className="muted">none</span> : <span className="mono">{setting.value}</span>) },
    { head: "Given by", cell: (setting) => <span className={setting.source === null ? "muted" : ""}>{sourceText(setting)}</span> },
    {
      head: "Actions",
      actions: true,
      cell: (setting) => (
        <Button size="sm" variant="quiet" aria-label={`Change ${setting.name}`} onClick={() => onChange(setting)}>
          Change
        </Button>
      ),
    },
  ];
}

function ChangeSetting({ setting, onHide }: { setting: Setting; onHide: () => void }) {
  const [text, setText] = useState(setting.value);
  const wrong = wrongWith(setting, text);
  const outdone = outdoneBy(setting);
  return (
    <Modal show onHide={onHide} aria-labelledby="change-setting">
      <Modal.Header closeButton>
        <Modal.Title id="change-setting" as="h2">
          Change {setting.name}
        </Modal.Title>
      </Modal.Header>
      <Modal.Body>
        <Form.Group controlId="setting-value" className="mb-3">
          <Form.Label>New value</Form.Label>
          {setting.kind === "switch" ? (
            <Form.Select value={text.toLowerCase()} onChange={(event) => setText(event.target.value)}>
              <option>true</option>
              <option>false</option>
            </Form.Select>
          ) : (
            <Form.Control value={text} isInvalid={wrong !== null} autoComplete="off" spellCheck={false} onChange={(event) => setText(event.target.value)} />
          )}
          <Form.Control.Feedback type="invalid">{wrong}</Form.Control.Feedback>
          <Form.Text className="muted">
            {setting.doc}; without it {setting.default === "" ? "none" : setting.default}.
          </Form.Text>
        </Form.Group>
        {wrong === null && waysTo(setting, setting.kind === "switch" ? text.toLowerCase() : text).map(({ label, code }) => <Snippet key={label} label={label} code={code} />)}
        <p className="muted small mb-0">
          {outdone ?? "Then start the server again: programs keep what they have meanwhile, and send it when it is back."}
        </p>
      </Modal.Body>
    </Modal>
  );
}
