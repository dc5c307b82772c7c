/** How a test message ended, in the words of the other side. */
import type { UseMutationResult } from "@tanstack/react-query";

import type { TestResult } from "../api/channels";

const WORDS = { sent: "Sent", refused: "Refused, as it would be again", failed: "Failed, which may pass" } as const;

export function TestOutcome<Given>({ test }: { test: UseMutationResult<TestResult, Error, Given> }) {
  return (
    <div className="small" role="status">
      {test.isPending && <span className="muted">Waiting for the other side…</span>}
      {test.isError && <span className="text-error">{test.error.message}</span>}
      {test.isSuccess && (
        <span className={test.data.result === "sent" ? "text-ok" : "text-error"}>
          {WORDS[test.data.result]}
          {test.data.detail !== "" && `: ${test.data.detail}`}
        </span>
      )}
    </div>
  );
}
