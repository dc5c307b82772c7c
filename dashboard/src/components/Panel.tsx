/** A titled part of a page, with what can be done about it beside the title. */
import { type ReactNode, useId } from "react";

interface Props {
  title: string;
  note?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

export function Panel({ title, note, actions, children }: Props) {
  const id = useId();
  return (
    <section className="panel part" aria-labelledby={id}>
      <div className="part-head">
        <div>
          <h2 id={id}>{title}</h2>
          {note !== undefined && <p className="muted small mb-0">{note}</p>}
        </div>
        {actions !== undefined && <div className="d-flex flex-wrap gap-2">{actions}</div>}
      </div>
      {children}
    </section>
  );
}
