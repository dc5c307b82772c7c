/** The pages: the sidebar, the titles, the keyboard and its list of shortcuts all read them here. */
import type { IconName } from "./Icon";

export interface PageEntry {
  path: string;
  label: string;
  icon: IconName;
  /** The key that jumps there, after `g`. */
  jump: string;
  /** What the page is about, and so what the top bar has to choose: a time of an application, an application, neither. */
  about: "time" | "application" | "server";
}

export const PAGES: readonly PageEntry[] = [
  { path: "/", label: "Overview", icon: "overview", jump: "o", about: "time" },
  { path: "/metrics", label: "Metrics", icon: "metrics", jump: "m", about: "time" },
  { path: "/logs", label: "Logs", icon: "logs", jump: "l", about: "time" },
  { path: "/alerts", label: "Alerts", icon: "alerts", jump: "a", about: "application" },
  { path: "/applications", label: "Applications", icon: "applications", jump: "p", about: "application" },
  { path: "/settings", label: "Settings", icon: "settings", jump: "s", about: "server" },
];
