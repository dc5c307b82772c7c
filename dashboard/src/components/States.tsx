/** The states a view of data can be in besides showing data: loading, error, empty. */
import type { ReactNode } from "react";
import Button from "react-bootstrap/Button";

/** Appears only after 200 ms, so that quick answers do not flash. */
export function Loading({ label }: { label: string }) {
  return (
    <div className="placeholder-box" role="status" aria-label={`Loading ${label}`}>
      <span className="visually-hidden">Loading {label}</span>
    </div>
  );
}

/** The outline of a page of cards that is about to come. */
export function Skeleton({ label, count }: { label: string; count: number }) {
  return (
    <div className="charts" role="status" aria-label={`Loading ${label}`}>
      {Array.from({ length: count }, (_, i) => (
        <div key={i} className="panel skeleton-card" aria-hidden="true">
          <div className="placeholder-box" />
        </div>
      ))}
    </div>
  );
}

export function Failed({ what, error, retry }: { what: string; error: unknown; retry: () => void }) {
  return (
    <div className="state" role="alert">
      <div>
        {what} could not be loaded. {error instanceof Error ? error.message : ""}
      </div>
      <div>
        <Button size="sm" variant="quiet" onClick={retry}>
          Try again
        </Button>
      </div>
    </div>
  );
}

export function Empty({ children }: { children: ReactNode }) {
  return <div className="state">{children}</div>;
}
