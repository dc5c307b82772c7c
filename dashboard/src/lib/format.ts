/** Numbers and times for people. Pure functions; the unit of a metric is told by its name. */

export type Unit = "percent" | "bytes" | "seconds" | "perSecond" | "plain";

/** What a metric's values are, after its kind, its name and how it is aggregated. */
export function unitOf(name: string, kind: string, aggregation: string): Unit {
  if (aggregation === "count") return "plain";
  if (aggregation === "rate") return "perSecond";
  if (kind === "timing") return "seconds";
  if (/percent$/.test(name)) return "percent";
  if (/(bytes|memory_used|memory_available|memory_rss|disk_used)(_total)?$/.test(name)) return "bytes";
  if (/(seconds|uptime)(_total)?$/.test(name)) return "seconds";
  return "plain";
}

const SI = ["", "k", "M", "G", "T"];
const IEC = ["B", "KiB", "MiB", "GiB", "TiB"];

function scaled(value: number, base: number, names: readonly string[]): string {
  let size = Math.abs(value);
  let index = 0;
  while (size >= base && index < names.length - 1) {
    size /= base;
    index += 1;
  }
  const digits = size >= 100 || (Number.isInteger(size) && index === 0) ? 0 : size >= 10 ? 1 : 2;
  const text = size.toFixed(digits).replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "");
  const name = names[index] ?? "";
  return `${value < 0 ? "−" : ""}${text}${name === "" ? "" : ` ${name}`}`;
}

export function formatDuration(seconds: number): string {
  const size = Math.abs(seconds);
  const sign = seconds < 0 ? "−" : "";
  if (size === 0) return "0 s";
  if (size < 1e-6) return `${sign}${trim(size * 1e9)} ns`;
  if (size < 1e-3) return `${sign}${trim(size * 1e6)} µs`;
  if (size < 1) return `${sign}${trim(size * 1e3)} ms`;
  if (size < 120) return `${sign}${trim(size)} s`;
  if (size < 7200) return `${sign}${trim(size / 60)} min`;
  if (size < 172_800) return `${sign}${trim(size / 3600)} h`;
  return `${sign}${trim(size / 86_400)} d`;
}

/** A time as seen from now, in whole units; a negative age is still to come. */
export function formatAgo(seconds: number): string {
  const size = Math.abs(seconds);
  if (size < 5) return "now";
  const unit = size < 120 ? 1 : size < 7200 ? 60 : size < 172_800 ? 3600 : 86_400;
  const text = formatDuration(Math.round(size / unit) * unit);
  return seconds < 0 ? `in ${text}` : `${text} ago`;
}

function trim(value: number): string {
  return value >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}

export function formatValue(value: number | null | undefined, unit: Unit): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  switch (unit) {
    case "percent":
      return `${trim(Math.abs(value)).replace(/^/, value < 0 ? "−" : "")} %`;
    case "bytes":
      return scaled(value, 1024, IEC);
    case "seconds":
      return formatDuration(value);
    case "perSecond":
      return `${scaled(value, 1000, SI)}/s`;
    case "plain":
      return Math.abs(value) < 1 && value !== 0 ? String(Number(value.toPrecision(3))) : scaled(value, 1000, SI);
  }
}

const TIME = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hour12: false });
const SECONDS = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hour12: false,
});
const DAY = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric" });

/** An axis label: the time of day, or the day where the range is long. */
export function formatTick(time: number, spanSeconds: number): string {
  const date = new Date(time * 1000);
  if (spanSeconds <= 300) return SECONDS.format(date);
  return spanSeconds <= 172_800 ? TIME.format(date) : DAY.format(date);
}

export function formatTime(time: number): string {
  const date = new Date(time * 1000);
  return `${DAY.format(date)}, ${SECONDS.format(date)}`;
}

/** With milliseconds: log lines come quickly. */
export function formatLogTime(time: number): string {
  return `${formatTime(time)}.${String(Math.floor((time % 1) * 1000)).padStart(3, "0")}`;
}

export function formatUtc(time: number): string {
  return `${new Date(time * 1000).toISOString().replace("T", " ").slice(0, 19)} UTC`;
}

/** What a `datetime-local` field wants: local time without a zone. */
export function localText(time: number): string {
  const date = new Date(time * 1000);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

/** A step for a value axis: 1, 2 or 5 times a power of ten, or of 1024 for bytes; at most `most` steps to `top`. */
export function valueStep(top: number, unit: Unit, most: number): number {
  const base = unit === "bytes" ? 1024 ** Math.floor(Math.log(Math.max(top, 1)) / Math.log(1024)) : 1;
  const least = Math.max(top, 1e-12) / base / most;
  const power = 10 ** Math.floor(Math.log10(least));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= least) ?? 10;
  return factor * power * base;
}

/** Round times for axis ticks: at most `most`, on whole minutes, hours or days of the local zone. */
export function timeTicks(start: number, end: number, most: number): number[] {
  const steps = [1, 5, 10, 30, 60, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800];
  const least = (end - start) / Math.max(1, most);
  const step = steps.find((candidate) => candidate >= least) ?? Math.ceil(least / 604_800) * 604_800;
  const offset = new Date(start * 1000).getTimezoneOffset() * 60;
  const ticks: number[] = [];
  for (let tick = Math.ceil((start - offset) / step) * step + offset; tick <= end; tick += step) ticks.push(tick);
  return ticks;
}
