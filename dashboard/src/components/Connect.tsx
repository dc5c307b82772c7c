/** Registers an application on the spot, shows how to connect it, with its key in the code, and waits for its first data. */
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import Button from "react-bootstrap/Button";
import Form from "react-bootstrap/Form";
import { Link } from "react-router";

import type { CreatedApplication } from "../api/applications";
import { createApplication } from "../api/applications";
import { KeySnippets } from "./KeySnippets";
import { useApplications } from "./useApplications";

interface Props {
  /** The application that was registered here; its owner keeps it, for this view may be drawn anew meanwhile. */
  made: CreatedApplication | null;
  onMade: (made: CreatedApplication | null) => void;
}

export function Connect({ made, onMade }: Props) {
  const [name, setName] = useState("");
  const create = useMutation({ mutationFn: createApplication, onSuccess: onMade });
  if (made !== null) return <Instructions made={made} again={() => onMade(null)} />;
  return (
    <Form
      onSubmit={(event) => {
        event.preventDefault();
        create.mutate(name);
      }}
    >
      <Form.Group controlId="application-name" className="mb-3">
        <Form.Label>Name of the application</Form.Label>
        <Form.Control
          value={name}
          required
          maxLength={100}
          placeholder="shop"
          autoComplete="off"
          onChange={(event) => setName(event.target.value)}
          isInvalid={create.isError}
        />
        <Form.Control.Feedback type="invalid">{create.error?.message}</Form.Control.Feedback>
      </Form.Group>
      <Button type="submit" disabled={create.isPending}>
        Register and get a key
      </Button>
    </Form>
  );
}

function Instructions({ made, again }: { made: CreatedApplication; again: () => void }) {
  return (
    <div>
      <p>
        <strong>{made.name}</strong> is registered. This key is shown once; keep it now.
      </p>
      <KeySnippets appId={made.app_id} apiKey={made.api_key} />
      <div className="d-flex flex-wrap align-items-center justify-content-between gap-2">
        <FirstData appId={made.app_id} />
        <Button variant="quiet" size="sm" onClick={again}>
          Register another
        </Button>
      </div>
    </div>
  );
}

/** Says when the first data have come; the list of applications is live. */
function FirstData({ appId }: { appId: string }) {
  const { data } = useApplications();
  const seen = data?.applications.some((app) => app.app_id === appId && app.last_seen !== null) === true;
  return (
    <div role="status" className={`first-data ${seen ? "seen" : ""}`}>
      {seen ? (
        <>
          The first data have arrived.{" "}
          <Link to={{ pathname: "/metrics", search: new URLSearchParams({ app: appId, last: "900" }).toString() }}>Open its charts</Link>
        </>
      ) : (
        "Waiting for the first data…"
      )}
    </div>
  );
}
