/** The administrator's password and sessions. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import Button from "react-bootstrap/Button";
import Form from "react-bootstrap/Form";

import { live } from "../api/live";
import { changePassword, getSession, logOutEverywhere } from "../api/session";
import { Ago } from "../components/Ago";
import { FormDialog } from "../components/FormDialog";
import { Panel } from "../components/Panel";

const SHORTEST_PASSWORD = 8;

export function AccountSettings() {
  return (
    <>
      <Password />
      <Sessions />
    </>
  );
}

function Password() {
  const cache = useQueryClient();
  const [old, setOld] = useState("");
  const [wanted, setWanted] = useState("");
  const [again, setAgain] = useState("");
  const change = useMutation({
    // The server ends every session before it answers with a new one: the old one's connection must not speak of that.
    mutationFn: () => {
      live.close();
      return changePassword({ old, new: wanted }).finally(() => live.open());
    },
    onSuccess: (session) => {
      cache.setQueryData(["session"], session);
      setOld("");
      setWanted("");
      setAgain("");
    },
  });
  const short = wanted !== "" && wanted.length < SHORTEST_PASSWORD;
  const differs = again !== "" && again !== wanted;
  return (
    <Panel title="Password" note="One password opens the dashboard. Changing it ends every other session.">
      <Form
        className="narrow-form"
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate();
        }}
      >
        <input type="text" name="username" autoComplete="username" value="admin" readOnly hidden />
        <Form.Group controlId="old-password" className="mb-3">
          <Form.Label>Password until now</Form.Label>
          <Form.Control type="password" autoComplete="current-password" value={old} isInvalid={change.isError} onChange={(event) => setOld(event.target.value)} />
          <Form.Control.Feedback type="invalid">{change.error?.message}</Form.Control.Feedback>
        </Form.Group>
        <Form.Group controlId="new-password" className="mb-3">
          <Form.Label>New password</Form.Label>
          <Form.Control type="password" autoComplete="new-password" value={wanted} isInvalid={short} onChange={(event) => setWanted(event.target.value)} />
          <Form.Control.Feedback type="invalid">At least {SHORTEST_PASSWORD} characters.</Form.Control.Feedback>
        </Form.Group>
        <Form.Group controlId="again" className="mb-3">
          <Form.Label>New password, again</Form.Label>
          <Form.Control type="password" autoComplete="new-password" value={again} isInvalid={differs} onChange={(event) => setAgain(event.target.value)} />
          <Form.Control.Feedback type="invalid">It is not the same.</Form.Control.Feedback>
        </Form.Group>
        <div className="d-flex align-items-center flex-wrap gap-3">
          <Button type="submit" disabled={change.isPending || old === "" || wanted.length < SHORTEST_PASSWORD || again !== wanted}>
            Change the password
          </Button>
          <span className="text-ok" role="status">
            {change.isSuccess && old === "" && "The password is changed."}
          </span>
        </div>
      </Form>
    </Panel>
  );
}

function Sessions() {
  const session = useQuery({ queryKey: ["session"], queryFn: getSession, staleTime: 60_000 });
  const cache = useQueryClient();
  const [asking, setAsking] = useState(false);
  const leave = useMutation({
    mutationFn: logOutEverywhere,
    onSuccess: () => {
      live.close();
      cache.clear();
      window.location.assign(new URL("login", document.baseURI));
    },
  });
  return (
    <Panel
      title="Sessions"
      note={
        <>
          {session.data !== undefined && (
            <>
              Unless it is used, this session ends <Ago time={session.data.expires_at} never="" />.{" "}
            </>
          )}
          If one was left open elsewhere, end them all.
        </>
      }
      actions={
        <Button size="sm" variant="outline-danger" onClick={() => setAsking(true)}>
          Log out everywhere
        </Button>
      }
    >
      {asking && (
        <FormDialog
          title="Log out everywhere?"
          action="Log out everywhere"
          danger
          pending={leave.isPending}
          error={leave.error}
          onSubmit={() => leave.mutate()}
          onHide={() => setAsking(false)}
        >
          <p className="mb-0">Every session ends, on every machine, this one too. Programs go on reporting.</p>
        </FormDialog>
      )}
    </Panel>
  );
}
