/** When something happened: a deploy or another event, an alert that began or ended, the log line one came from. */

export interface Mark {
  at: number;
  kind: "event" | "alert" | "line";
  label: string;
}

interface AnnotationLike {
  at: number;
  kind: "event" | "alert";
  name: string;
  text: string;
}

export function markOf({ at, kind, name, text }: AnnotationLike): Mark {
  const label = kind === "alert" ? `${name}: ${text.replace("_", " ")}` : [name, text].filter(Boolean).join(" ");
  return { at, kind, label };
}

/** The marks within so many seconds of a time: those a person points at. */
export function marksNear(marks: readonly Mark[], time: number, within: number): Mark[] {
  return marks.filter((mark) => Math.abs(mark.at - time) <= within);
}
