/** The metrics of an application: found in its series, put in an order a person expects. */

export type MetricKind = "counter" | "gauge" | "timing";

export interface Metric {
  name: string;
  kind: MetricKind;
  /** Tag keys that a chart can be grouped by; `host` where there are several. */
  tags: string[];
}

export interface MetricGroup {
  title: string;
  metrics: Metric[];
  /** Whether the group is shown opened: the interpreter's and Argus' own metrics are not. */
  open: boolean;
}

interface SeriesLike {
  name: string;
  kind: MetricKind;
  tags: Record<string, string>;
  host: string;
}

const FIRST = ["cpu_percent", "memory_percent", "disk_percent", "memory_used", "memory_available", "disk_used"];
const BACKGROUND = ["process", "runtime", "argus"];

const BY_KIND: Record<MetricKind, readonly string[]> = {
  counter: ["rate", "sum", "count", "avg", "min", "max"],
  gauge: ["avg", "min", "max", "last", "sum", "count"],
  timing: ["p50", "p90", "p95", "p99", "p99.9", "avg", "min", "max", "rate", "count", "sum"],
};

export function aggregationsOf(kind: MetricKind): readonly string[] {
  return BY_KIND[kind];
}

export function defaultAggregation(metric: Metric): string {
  if (metric.kind === "counter") return "rate";
  return metric.kind === "timing" ? "p95" : "avg";
}

export function metricsOf(series: readonly SeriesLike[]): Metric[] {
  const found = new Map<string, { kind: MetricKind; tags: Set<string>; hosts: Set<string> }>();
  for (const { name, kind, tags, host } of series) {
    const known = found.get(name) ?? { kind, tags: new Set<string>(), hosts: new Set<string>() };
    for (const tag of Object.keys(tags)) known.tags.add(tag);
    known.hosts.add(host);
    found.set(name, known);
  }
  return [...found].map(([name, { kind, tags, hosts }]) => ({
    name,
    kind,
    tags: [...tags, ...(hosts.size > 1 ? ["host"] : [])].sort(),
  }));
}

/** Whether a name has every word of a search, in any order. */
export function matches(name: string, search: string): boolean {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return words.every((word) => name.toLowerCase().includes(word));
}

/** System first, then the application's own by prefix, then what the interpreter and Argus say of themselves. */
export function groupMetrics(metrics: readonly Metric[], search: string): MetricGroup[] {
  const groups = new Map<string, Metric[]>();
  for (const metric of metrics) {
    if (!matches(metric.name, search)) continue;
    const title = titleOf(metric.name);
    groups.set(title, [...(groups.get(title) ?? []), metric]);
  }
  return [...groups]
    .map(([title, found]) => ({ title, metrics: found.sort(byName), open: search.trim() !== "" || !BACKGROUND.includes(title) }))
    .sort((a, b) => rank(a.title) - rank(b.title) || a.title.localeCompare(b.title));
}

function titleOf(name: string): string {
  if (FIRST.includes(name)) return "system";
  const dot = name.indexOf(".");
  return dot > 0 ? name.slice(0, dot) : "application";
}

function rank(title: string): number {
  if (title === "system") return 0;
  const background = BACKGROUND.indexOf(title);
  return background === -1 ? 1 : 2 + background;
}

function byName(a: Metric, b: Metric): number {
  const place = (name: string): number => (FIRST.includes(name) ? FIRST.indexOf(name) : FIRST.length);
  return place(a.name) - place(b.name) || a.name.localeCompare(b.name);
}
