/** Light, dark, or what the system says; kept in this browser. */
import { useEffect, useSyncExternalStore } from "react";

export type ThemeChoice = "system" | "light" | "dark";

const KEY = "argus-theme";
const system = matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set<() => void>();

function choice(): ThemeChoice {
  const kept = localStorage.getItem(KEY);
  return kept === "light" || kept === "dark" ? kept : "system";
}

function isDark(): boolean {
  const chosen = choice();
  return chosen === "system" ? system.matches : chosen === "dark";
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  system.addEventListener("change", listener);
  return () => {
    listeners.delete(listener);
    system.removeEventListener("change", listener);
  };
}

export function setTheme(chosen: ThemeChoice): void {
  if (chosen === "system") localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, chosen);
  applyTheme();
  for (const listener of listeners) listener();
}

export function applyTheme(): void {
  document.documentElement.setAttribute("data-bs-theme", isDark() ? "dark" : "light");
}

export function useDark(): boolean {
  const dark = useSyncExternalStore(subscribe, isDark);
  useEffect(applyTheme, [dark]);
  return dark;
}
