/** A new key, and the lines to paste into a program of each language with the key in them. */
import { useState } from "react";
import Button from "react-bootstrap/Button";
import ButtonGroup from "react-bootstrap/ButtonGroup";

import { ways } from "../lib/snippets";
import { Snippet } from "./Snippet";

export function KeySnippets({ appId, apiKey }: { appId: string; apiKey: string }) {
  const all = ways({ url: document.baseURI.replace(/\/$/, ""), appId, key: apiKey });
  const [chosen, setChosen] = useState(all[0]?.name);
  const way = all.find((one) => one.name === chosen);
  return (
    <>
      <Snippet label="Key" code={apiKey} />
      <ButtonGroup size="sm" className="mb-3" role="group" aria-label="Language">
        {all.map(({ name }) => (
          <Button key={name} variant="quiet" aria-pressed={name === chosen} onClick={() => setChosen(name)}>
            {name}
          </Button>
        ))}
      </ButtonGroup>
      {way?.steps.map((step) => <Snippet key={step.label} label={step.label} code={step.code} />)}
    </>
  );
}
