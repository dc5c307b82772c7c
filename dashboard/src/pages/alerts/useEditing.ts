/** Which rule is being written, in the URL: a new one, one that exists, or a copy of one. */
import { useMemo } from "react";
import { useSearchParams } from "react-router";

export type Edited = { kind: "new"; metric: string; aggregation: string } | { kind: "edit" | "copy"; id: number };

export interface Editing {
  edited: Edited | null;
  open: (edited: Edited) => void;
  close: () => void;
}

const NAMES = ["edit", "copy", "metric", "agg"];

function read(params: URLSearchParams): Edited | null {
  const [edit, copy] = [params.get("edit"), params.get("copy")];
  if (edit === "new") return { kind: "new", metric: params.get("metric") ?? "", aggregation: params.get("agg") ?? "" };
  if (Number(edit) > 0) return { kind: "edit", id: Number(edit) };
  return Number(copy) > 0 ? { kind: "copy", id: Number(copy) } : null;
}

export function useEditing(): Editing {
  const [params, setParams] = useSearchParams();
  const text = params.toString();
  const edited = useMemo(() => read(new URLSearchParams(text)), [text]);
  const write = (pairs: Record<string, string>): void =>
    setParams((before) => {
      const next = new URLSearchParams(before);
      for (const name of NAMES) next.delete(name);
      for (const [name, value] of Object.entries(pairs)) next.set(name, value);
      return next;
    });
  return {
    edited,
    open: (wanted) => write(wanted.kind === "new" ? { edit: "new" } : { [wanted.kind]: String(wanted.id) }),
    close: () => write({}),
  };
}
