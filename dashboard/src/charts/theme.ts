/** The theme's tokens, as drawing on a canvas needs them. */
import type { ChartTheme } from "./chartOptions";

/** Read again when the theme changes; the attribute is set here first, for charts draw before the page's effects run. */
export function readTheme(dark: boolean): ChartTheme {
  document.documentElement.setAttribute("data-bs-theme", dark ? "dark" : "light");
  const style = getComputedStyle(document.documentElement);
  const token = (name: string): string => style.getPropertyValue(name).trim();
  return {
    text: token("--text"),
    muted: token("--muted"),
    line: token("--line"),
    surface: token("--surface"),
    gold: token("--gold"),
    error: token("--error"),
    accent: token("--accent"),
  };
}
