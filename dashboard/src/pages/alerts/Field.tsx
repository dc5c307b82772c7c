/** A field of the rule's form: its name, itself, and what is wrong with it or what it means. */
import type { ReactElement, ReactNode } from "react";
import Form from "react-bootstrap/Form";

import type { Errors, RuleDraft } from "../../lib/ruleDraft";

export interface FieldsProps {
  draft: RuleDraft;
  change: (to: Partial<RuleDraft>) => void;
  errors: Errors;
}

interface Props {
  /** The field of the API. */
  name: string;
  label: string;
  errors: Errors;
  hint?: ReactNode;
  /** `wrong` says whether the control is to look so. */
  children: (wrong: { isInvalid: boolean; "aria-describedby": string }) => ReactElement;
}

export function Field({ name, label, errors, hint, children }: Props) {
  const error = errors[name];
  const about = `rule-${name}-about`;
  return (
    <Form.Group controlId={`rule-${name}`} className="field">
      <Form.Label>{label}</Form.Label>
      {children({ isInvalid: error !== undefined, "aria-describedby": about })}
      <div id={about} className="field-about">
        {error === undefined ? <span className="muted">{hint}</span> : <span className="text-error">{error}</span>}
      </div>
    </Form.Group>
  );
}
