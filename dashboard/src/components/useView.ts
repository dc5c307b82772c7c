/** What a person has chosen, all of it in the URL: application, host, time range. A copied link shows the same view. */
import { useCallback, useMemo } from "react";
import { useLocation, useSearchParams } from "react-router";

import type { Range } from "../lib/range";
import { readRange, writeRange } from "../lib/range";

export interface View {
  app: string | null;
  host: string | null;
  range: Range;
  get: (name: string) => string;
  /** Choose something; `typing` does so without a step in the browser's history for every letter. */
  set: (name: string, value: string | null, typing?: boolean) => void;
  setRange: (range: Range) => void;
  /** Look closer, remembering where from. */
  zoomIn: (start: number, end: number) => void;
  zoomOut: () => void;
}

/** The ranges one has zoomed in from; kept in the history's entry, so that going back and reloading keep it. */
interface Zoomed {
  from: Range[];
}

const isZoomed = (state: unknown): state is Zoomed => typeof state === "object" && state !== null && "from" in state;

export function useView(): View {
  const [params, setParams] = useSearchParams();
  const state: unknown = useLocation().state;
  const set = useCallback(
    (name: string, value: string | null, typing = false) =>
      setParams(
        (before) => {
          const next = new URLSearchParams(before);
          if (value === null || value === "") next.delete(name);
          else next.set(name, value);
          return next;
        },
        { replace: typing, state },
      ),
    [setParams, state],
  );
  const setRange = useCallback((range: Range) => setParams((before) => writeRange(before, range)), [setParams]);
  const zoomIn = useCallback(
    (start: number, end: number) =>
      setParams((before) => writeRange(before, { kind: "fixed", start, end }), {
        state: { from: [...(isZoomed(state) ? state.from : []), readRange(params)] },
      }),
    [setParams, state, params],
  );
  const zoomOut = useCallback(() => {
    const from = isZoomed(state) ? state.from : [];
    const range = from.at(-1);
    if (range !== undefined) setParams((before) => writeRange(before, range), { state: { from: from.slice(0, -1) } });
  }, [setParams, state]);
  const text = params.toString();
  const range = useMemo(() => readRange(new URLSearchParams(text)), [text]);
  return {
    app: params.get("app"),
    host: params.get("host"),
    range,
    get: (name) => params.get(name) ?? "",
    set,
    setRange,
    zoomIn,
    zoomOut,
  };
}
