/** The mail server is a setting, for its password lies with the others; here it is tried. */
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import Button from "react-bootstrap/Button";
import Form from "react-bootstrap/Form";

import { testMail } from "../api/channels";
import { Panel } from "../components/Panel";
import { Snippet } from "../components/Snippet";
import { TestOutcome } from "./TestOutcome";

const SETTINGS = ["ARGUS_SMTP_URL='smtp://USER:PASSWORD@mail.example.org:587?starttls=1'", "ARGUS_MAIL_FROM=argus@example.org"].join("\n");

export function MailServer() {
  const [email, setEmail] = useState("");
  const test = useMutation({ mutationFn: testMail });
  return (
    <Panel title="Mail server" note="The server reads these settings when it starts; ARGUS_SMTP_URL_FILE keeps the password out of the environment.">
      <Snippet label="Settings of the server" code={SETTINGS} />
      <Form
        className="narrow-form"
        onSubmit={(event) => {
          event.preventDefault();
          test.mutate(email);
        }}
      >
        <Form.Group controlId="test-mail" className="mb-2">
          <Form.Label>Send a test mail to</Form.Label>
          <div className="d-flex gap-2">
            <Form.Control type="email" placeholder="ops@example.org" value={email} onChange={(event) => setEmail(event.target.value)} />
            <Button type="submit" variant="quiet" disabled={email === "" || test.isPending}>
              Send
            </Button>
          </div>
        </Form.Group>
        <TestOutcome test={test} />
      </Form>
    </Panel>
  );
}
