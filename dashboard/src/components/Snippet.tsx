/** A piece of code with a button that copies it. */
import { useState } from "react";
import Button from "react-bootstrap/Button";

import { copy } from "./copy";

export function Snippet({ label, code }: { label: string; code: string }) {
  const [copied, setCopied] = useState(false);
  return (
    <div className="snippet mb-3">
      <div className="muted small mb-1">{label}</div>
      <div className="position-relative">
        <pre className="mono">{code}</pre>
        <Button size="sm" variant="quiet" onClick={() => void copy(code).then(() => setCopied(true))} aria-label={`Copy: ${label}`}>
          {copied ? "Copied" : "Copy"}
        </Button>
      </div>
    </div>
  );
}
