/** What a person has chosen, all of it in the URL: application, host, time range. A copied link shows the same view. */
import { useCallback, useMemo } from "react";
import { useSearchParams } from "react-router";

import type { Range } from "../lib/range";
import { readRange, writeRange } from "../lib/range";

export interface View {
  app: string | null;
  host: string | null;
  range: Range;
  get: (name: string) => string;
  set: (name: string, value: string | null) => void;
  setRange: (range: Range) => void;
}

export function useView(): View {
  const [params, setParams] = useSearchParams();
  const set = useCallback(
    (name: string, value: string | null) =>
      setParams((before) => {
        const next = new URLSearchParams(before);
        if (value === null || value === "") next.delete(name);
        else next.set(name, value);
        return next;
      }),
    [setParams],
  );
  const setRange = useCallback((range: Range) => setParams((before) => writeRange(before, range)), [setParams]);
  const text = params.toString();
  const range = useMemo(() => readRange(new URLSearchParams(text)), [text]);
  return { app: params.get("app"), host: params.get("host"), range, get: (name) => params.get(name) ?? "", set, setRange };
}
