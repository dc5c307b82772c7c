/** Registers an application on the spot and shows how to connect it, with its key in the code. */
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import Button from "react-bootstrap/Button";
import Form from "react-bootstrap/Form";

import type { CreatedApplication } from "../api/applications";
import { createApplication } from "../api/applications";
import { Snippet } from "./Snippet";

export function Connect() {
  const [name, setName] = useState("");
  const create = useMutation({ mutationFn: createApplication });
  if (create.data !== undefined) return <Instructions made={create.data} again={() => create.reset()} />;
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
  const url = document.baseURI.replace(/\/$/, "");
  const python = [
    "import argus",
    "",
    `argus.init(url="${url}", app_id="${made.app_id}", api_key="${made.api_key}")`,
    'argus.increment("hello")',
  ].join("\n");
  const curl = [
    `curl ${url}/api/v1/metrics -H 'Authorization: Bearer ${made.api_key}' \\`,
    `     -d '{"metrics": [{"name": "hello", "value": 1}]}'`,
  ].join("\n");
  return (
    <div>
      <p>
        <strong>{made.name}</strong> is registered. This key is shown once; keep it now.
      </p>
      <Snippet label="Key" code={made.api_key} />
      <Snippet label="Python" code={python} />
      <Snippet label="Shell" code={curl} />
      <Button variant="quiet" size="sm" onClick={again}>
        Register another
      </Button>
    </div>
  );
}
