/**
 * A person's own charts of an application. They are kept in the browser: there is one login, but several people and
 * screens behind it, and what each has put on top is theirs.
 */
import { useCallback, useMemo, useSyncExternalStore } from "react";

import { type Layout, layoutKey, readLayout } from "../lib/layout";

const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener("storage", listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener("storage", listener);
  };
}

export function useLayout(app: string): [Layout, (change: (before: Layout) => Layout) => void] {
  const key = layoutKey(app);
  const text = useSyncExternalStore(subscribe, () => localStorage.getItem(key));
  const layout = useMemo(() => readLayout(text), [text]);
  const change = useCallback(
    (by: (before: Layout) => Layout) => {
      localStorage.setItem(key, JSON.stringify(by(readLayout(localStorage.getItem(key)))));
      for (const listener of listeners) listener();
    },
    [key],
  );
  return [layout, change];
}
