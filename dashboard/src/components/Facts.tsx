/** Figures with their names. */
import type { ReactNode } from "react";

export interface Fact {
  name: string;
  value: ReactNode;
  title?: string;
  bad?: boolean;
}

export function Facts({ facts }: { facts: readonly Fact[] }) {
  return (
    <dl className="facts many">
      {facts.map(({ name, value, title, bad }) => (
        <div key={name} title={title}>
          <dt>{name}</dt>
          <dd className={bad === true ? "text-error" : ""}>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
