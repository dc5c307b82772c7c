/** When something happened: a deploy or another event, an alert that began or ended, the log line one came from. */

export interface Mark {
  at: number;
  kind: "event" | "alert" | "line";
  label: string;
}

interface LineLike {
  timestamp: number;
  message: string;
  metadata: Record<string, unknown>;
}

/** The logger that `argus.event` writes with. */
export const EVENT_LOGGER = "argus.event";

export function markOf(line: LineLike): Mark {
  const name = line.metadata["event"];
  const label = [typeof name === "string" ? name : "event", line.message].filter(Boolean).join(" ");
  return { at: line.timestamp, kind: "event", label };
}

/** The marks within so many seconds of a time: those a person points at. */
export function marksNear(marks: readonly Mark[], time: number, within: number): Mark[] {
  return marks.filter((mark) => Math.abs(mark.at - time) <= within);
}
