/** What is exported: tables as CSV (RFC 4180) and lines as NDJSON. */
import type { Line } from "./points";
import { lineKey } from "./points";

type Cell = string | number | null;

/** A cell that a spreadsheet would take for a formula is given a leading apostrophe. */
function cell(value: Cell): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function csv(rows: readonly (readonly Cell[])[]): string {
  return rows.map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}

/** A chart's lines as a table: a row per time, a column per line. */
export function linesCsv(lines: readonly Line[]): string {
  const rows = new Map<number, Cell[]>();
  lines.forEach((line, column) => {
    line.times.forEach((time, i) => {
      const row = rows.get(time) ?? new Array<Cell>(lines.length).fill(null);
      row[column] = line.values[i] ?? null;
      rows.set(time, row);
    });
  });
  const times = [...rows.keys()].sort((a, b) => a - b);
  const body = times.map((time) => [new Date(time * 1000).toISOString(), time, ...(rows.get(time) ?? [])]);
  return csv([["time", "unix", ...lines.map(lineKey)], ...body]);
}

interface LogLike {
  id: number;
  app: string;
  timestamp: number;
  level: string;
  message: string;
  logger: string;
  host: string;
  metadata: Record<string, unknown>;
}

export function logsCsv(lines: readonly LogLike[]): string {
  const head = ["time", "unix", "level", "app", "host", "logger", "message", "metadata"];
  const body = lines.map((line) => [
    new Date(line.timestamp * 1000).toISOString(),
    line.timestamp,
    line.level,
    line.app,
    line.host,
    line.logger,
    line.message,
    JSON.stringify(line.metadata),
  ]);
  return csv([head, ...body]);
}

export function ndjson(lines: readonly object[]): string {
  return lines.map((line) => `${JSON.stringify(line)}\n`).join("");
}
