/** The limits of an application as fields of a form: an empty one stands for the server's own limit. */

export interface Limit {
  /** The server's limit, or the application's own. */
  limit: number;
  own: boolean;
}

export function fieldOf({ limit, own }: Limit): string {
  return own ? String(limit) : "";
}

/** The limit that was typed, null for the server's; undefined where it is no limit. */
export function readLimit(text: string, whole: boolean): number | null | undefined {
  const plain = text.trim();
  if (plain === "") return null;
  const value = Number(plain);
  if (!Number.isFinite(value) || value <= 0 || (whole && !Number.isInteger(value))) return undefined;
  return value;
}

export interface Limits {
  max_series: number | null;
  max_rows_per_second: number | null;
  max_lines_per_second: number | null;
}

/** All limits that were typed; null while one of them is none. */
export function readLimits(series: string, rows: string, lines: string): Limits | null {
  const max_series = readLimit(series, true);
  const max_rows_per_second = readLimit(rows, false);
  const max_lines_per_second = readLimit(lines, false);
  if (max_series === undefined || max_rows_per_second === undefined || max_lines_per_second === undefined) return null;
  return { max_series, max_rows_per_second, max_lines_per_second };
}
