/** Silences in words. Pure; tested beside this file. */
import { lengthText } from "./alerts";
import { formatTime } from "./format";

interface SilenceLike {
  rule_id: number | null;
  app_id: string | null;
  severity: string | null;
  starts: number;
  ends: number;
  every: "day" | "week" | null;
}

/** What a silence keeps back: `CPU is busy of shop`, or `every critical rule`. */
export function scopeOf(silence: SilenceLike, nameOf: (rule: number) => string): string {
  const severity = silence.severity === null ? "" : `${silence.severity} `;
  const what = silence.rule_id === null ? `every ${severity}rule` : nameOf(silence.rule_id);
  return silence.app_id === null ? what : `${what}, of ${silence.app_id}`;
}

/** When it lasts: once, or each day or week for so long. */
export function whenOf({ starts, ends, every }: SilenceLike): string {
  if (every === null) return `${formatTime(starts)} – ${formatTime(ends)}`;
  return `every ${every} for ${lengthText(ends - starts)}, first ${formatTime(starts)}`;
}
