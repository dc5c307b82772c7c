/** The mail server is a setting, for its password lies with the others; here it is tried. */
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import Button from "react-bootstrap/Button";
import Form from "react-bootstrap/Form";

import { testMail } from "../api/channels";
import { Panel } from "../components/Panel";
import { SettingLink } from "./SettingLink";
import { TestOutcome } from "./TestOutcome";

export function MailServer() {
  const [email, setEmail] = useState("");
  const test = useMutation({ mutationFn: testMail });
  return (
    <Panel
      title="Mail server"
      note={
        <>
          Chosen by <SettingLink name="smtp_url" />, <SettingLink name="mail_from" /> and <SettingLink name="mail_per_hour" /> of the server;
          ARGUS_SMTP_URL_FILE names a file, which keeps the password out of the environment.
        </>
      }
    >
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
