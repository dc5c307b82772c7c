/** Reading what the server says on the live connection (docs/http-api.md, "Live"). */
import { MESSAGE_MEMBERS, type ServerMessage } from "./types";

export type { ServerMessage } from "./types";

const members = new Map<string, Readonly<Record<string, readonly string[]>>>(Object.entries(MESSAGE_MEMBERS));

/** A frame as a message; `null` for one that is none: what was lost then has to be asked for. */
export function readMessage(data: unknown): ServerMessage | null {
  let value: unknown;
  try {
    value = JSON.parse(String(data));
  } catch {
    return null;
  }
  if (kindOf(value) !== "object") return null;
  const found = value as Record<string, unknown>;
  const needed = members.get(String(found["op"]));
  if (needed === undefined) return null;
  const whole = Object.entries(needed).every(([name, kinds]) => kinds.includes(kindOf(found[name])));
  return whole ? (value as ServerMessage) : null;
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}
