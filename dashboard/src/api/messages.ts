/** What the server says on the live connection (docs/http-api.md, "Live"), and reading it. */
import type { Line } from "../lib/points";
import type { Application } from "./applications";
import type { LogLine } from "./logs";
import type { HistoryEvent } from "./types";

export type ServerMessage =
  | { op: "subscribed"; id: number; now: number }
  | { op: "points"; id: number; series: Line[] }
  | { op: "logs"; id: number; logs: LogLine[] }
  | { op: "applications"; id: number; applications: Application[] }
  | { op: "alerts"; id: number; events: HistoryEvent[] }
  | { op: "dropped"; id: number; count: number }
  | { op: "error"; id: number | null; error: { code: string; message: string; where: string } };

/** Each kind of message, and the kind of its one member. */
const MEMBERS: Record<string, readonly [string, (value: unknown) => boolean]> = {
  subscribed: ["now", (value) => typeof value === "number"],
  points: ["series", Array.isArray],
  logs: ["logs", Array.isArray],
  applications: ["applications", Array.isArray],
  alerts: ["events", Array.isArray],
  dropped: ["count", (value) => typeof value === "number"],
  error: ["error", (value) => typeof value === "object" && value !== null],
};

/** A frame as a message; `null` for one that is none: what was lost then has to be asked for. */
export function readMessage(data: unknown): ServerMessage | null {
  let value: unknown;
  try {
    value = JSON.parse(String(data));
  } catch {
    return null;
  }
  if (typeof value !== "object" || value === null || !("op" in value) || !("id" in value)) return null;
  const member = MEMBERS[String(value.op)];
  if (member === undefined) return null;
  const [name, holds] = member;
  return holds((value as Record<string, unknown>)[name]) ? (value as ServerMessage) : null;
}
