/** Completing the search box of the logs page: what could be meant by the word at the cursor. docs/log-search.md */

export interface Known {
  loggers: readonly string[];
  hosts: readonly string[];
  apps: readonly string[];
  /** Names of metadata, each with values that were seen. */
  metadata: ReadonlyMap<string, readonly string[]>;
}

export interface Suggestion {
  /** What the word becomes. */
  text: string;
  hint: string;
  /** Whether the condition is whole: then a space follows. */
  whole: boolean;
}

const LEVELS = ["debug", "info", "warn", "error"];
const FIELDS: readonly (readonly [string, string])[] = [
  ["level:", "debug, info, warn or error"],
  ["logger:", "its exact name, or a beginning with *"],
  ["host:", "where the line comes from"],
  ["app:", "the application"],
];
const MOST = 8;

/** Where the word at the cursor begins: words end at spaces, but not within quotes. */
export function wordStart(text: string, cursor: number): number {
  let quoted = false;
  let start = 0;
  for (let i = 0; i < cursor; i += 1) {
    if (text[i] === '"') quoted = !quoted;
    else if (text[i] === " " && !quoted) start = i + 1;
  }
  return start;
}

export function suggest(text: string, cursor: number, known: Known): Suggestion[] {
  const word = text.slice(wordStart(text, cursor), cursor);
  const minus = word.startsWith("-") ? "-" : "";
  const bare = word.slice(minus.length);
  const split = /^([^\s:="]+)([:=])"?(.*)$/.exec(bare);
  const found = split === null ? names(bare, known) : values(split[1] ?? "", split[2] ?? "", split[3] ?? "", known);
  return found.slice(0, MOST).map((suggestion) => ({ ...suggestion, text: minus + suggestion.text }));
}

function names(start: string, known: Known): Suggestion[] {
  const fields = FIELDS.map(([text, hint]) => ({ text, hint, whole: false }));
  const metadata = [...known.metadata.keys()].sort().map((name) => ({ text: `${name}=`, hint: "metadata", whole: false }));
  return [...fields, ...metadata].filter(({ text }) => begins(text, start) && text !== start);
}

function values(name: string, sign: string, start: string, known: Known): Suggestion[] {
  const found = sign === "=" ? (known.metadata.get(name) ?? []) : valuesOf(name, known);
  return found
    .filter((value) => begins(value, start))
    .map((value) => ({ text: `${name}${sign}${quoted(value)}`, hint: "", whole: true }));
}

function valuesOf(field: string, known: Known): readonly string[] {
  if (field === "level") return LEVELS;
  if (field === "logger") return withBeginnings(known.loggers);
  if (field === "host") return [...known.hosts].sort();
  return field === "app" ? [...known.apps].sort() : [];
}

/** `shop.pay.card` is also found by `shop.*` and `shop.pay.*`; the shorter ones come first. */
function withBeginnings(loggers: readonly string[]): string[] {
  const found = new Set(loggers);
  for (const logger of loggers) {
    const parts = logger.split(".");
    for (let i = 1; i < parts.length; i += 1) found.add(`${parts.slice(0, i).join(".")}.*`);
  }
  found.delete("");
  return [...found].sort();
}

const begins = (text: string, start: string): boolean => text.toLowerCase().startsWith(start.toLowerCase());

/** A value as the search reads it; quotes within it cannot be written, so it is left to its first one. */
export function quoted(value: string): string {
  const readable = value.split('"')[0] ?? "";
  return /[\s]/.test(readable) || readable === "" ? `"${readable}"` : readable;
}

/** The text with its word at the cursor replaced, and where the cursor stands then. */
export function complete(text: string, cursor: number, { text: word, whole }: Suggestion): { text: string; cursor: number } {
  const start = wordStart(text, cursor);
  const rest = text.slice(cursor);
  const before = text.slice(0, start) + word + (whole && !rest.startsWith(" ") ? " " : "");
  return { text: before + rest, cursor: before.length };
}

interface LineLike {
  logger: string;
  host: string;
  app: string;
  metadata: Record<string, unknown>;
}

const MOST_SEEN = 2_000;
const MOST_VALUES = 20;
const LONGEST_VALUE = 60;

/** What can be suggested, from lines that were seen. */
export function knownFrom(lines: readonly LineLike[], apps: readonly string[], hosts: readonly string[]): Known {
  const loggers = new Set<string>();
  const where = new Set(hosts);
  const metadata = new Map<string, Set<string>>();
  for (const line of lines.slice(0, MOST_SEEN)) {
    loggers.add(line.logger);
    where.add(line.host);
    for (const [name, value] of Object.entries(line.metadata)) {
      if (!/^[^\W\d][\w.]*$/u.test(name)) continue; // the search reads only such names
      const seen = metadata.get(name) ?? new Set<string>();
      metadata.set(name, seen);
      if (isShort(value) && seen.size < MOST_VALUES) seen.add(String(value));
    }
  }
  return {
    loggers: [...loggers],
    hosts: [...where],
    apps,
    metadata: new Map([...metadata].map(([name, seen]) => [name, [...seen].sort()])),
  };
}

function isShort(value: unknown): value is string | number | boolean {
  return typeof value === "number" || typeof value === "boolean" || (typeof value === "string" && value.length <= LONGEST_VALUE);
}
