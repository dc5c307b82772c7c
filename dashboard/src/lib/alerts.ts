/** Alert rules and incidents, as people read them. Pure; tested beside this file. */
import { formatValue, type Unit, unitOf } from "./format";

export type StateName = "ok" | "pending" | "firing" | "no_data" | "error" | "resolved";

interface Question {
  metric_name: string | null;
  query: string | null;
  tags: Record<string, string>;
  aggregation: string;
  window: number;
  condition: string;
  threshold: number;
}

interface Standing {
  app: string;
  since: number;
  incident_since: number | null;
  flapping: boolean;
  acknowledged_at: number | null;
}

export const STATE_WORDS: Record<StateName, string> = {
  ok: "OK",
  pending: "pending",
  firing: "firing",
  no_data: "no data",
  error: "error",
  resolved: "resolved",
};

const SIGNS: Record<string, string> = { ">=": "≥", "<=": "≤", "==": "=", "!=": "≠" };

const UNITS = [
  [86_400, "d"],
  [3_600, "h"],
  [60, "min"],
] as const;

/** A length that a person chose, in the largest unit that divides it: `5 min` for 300. */
export function lengthText(seconds: number): string {
  const [size, unit] = UNITS.find(([one]) => seconds >= one && seconds % one === 0) ?? [1, "s"];
  return `${seconds / size} ${unit}`;
}

/** The comparison as one sign: `≥` for `>=`. */
export const sign = (condition: string): string => SIGNS[condition] ?? condition;

/** The unit of what a rule compares; that a metric is a timing shows in its percentiles only. */
export function unitOfRule(rule: Pick<Question, "metric_name" | "aggregation">): Unit {
  if (rule.metric_name === null) return "plain";
  return unitOf(rule.metric_name, /^p\d/.test(rule.aggregation) ? "timing" : "gauge", rule.aggregation);
}

/** What is looked at: `avg of cpu_percent host=web-1 over 1 min`, or `lines matching "…" over 5 min`. */
export function subjectOf(rule: Question): string {
  const tags = Object.entries(rule.tags).map(([key, value]) => ` ${key}=${value}`);
  const lines = rule.query?.trim() ?? "";
  const what =
    rule.query === null ? `${rule.aggregation} of ${rule.metric_name ?? ""}${tags.sort().join("")}` : lines === "" ? "log lines" : `lines matching “${lines}”`;
  return `${what} over ${lengthText(rule.window)}`;
}

/** The whole condition: `avg of cpu_percent over 1 min > 80 %`. */
export function conditionOf(rule: Question): string {
  return `${subjectOf(rule)} ${sign(rule.condition)} ${formatValue(rule.threshold, unitOfRule(rule))}`;
}

/** Whether the server named the rule by its condition: saying both would say one thing twice. */
export function isNamed(rule: Question & { name: string }): boolean {
  const end = ` ${rule.condition} ${Number(rule.threshold.toPrecision(6))}`;
  return !(rule.name.endsWith(end) && /^(\w[\w.]* of |lines matching |log lines )/.test(rule.name));
}

export interface Incident<R, S> {
  rule: R;
  standing: S;
  since: number;
}

/** The incidents that are open, and what flaps and is well at the moment; the newest first, those that somebody looks after last. */
export function incidentsOf<S extends Standing, R extends { applications: readonly S[] }>(rules: readonly R[], app: string | null): Incident<R, S>[] {
  const open = rules.flatMap((rule) =>
    rule.applications.flatMap((standing) => {
      const since = standing.incident_since ?? (standing.flapping ? standing.since : null);
      return since === null || (app !== null && standing.app !== app) ? [] : [{ rule, standing, since }];
    }),
  );
  const known = (one: Incident<R, S>): number => Number(one.standing.acknowledged_at !== null);
  return open.sort((a, b) => known(a) - known(b) || b.since - a.since);
}

/** How much time a small chart of a rule shows: an hour, or thirty of its windows. */
export const chartSeconds = (window: number): number => Math.min(30 * 86_400, Math.max(3_600, 30 * window));

const AROUND = 900;

/** The time around an incident, for charts and logs: what led to it, and as much after. */
export function around(at: number, window: number, now: number): { start: number; end: number } {
  const before = Math.max(AROUND, 3 * window);
  return { start: Math.floor(at - before), end: Math.ceil(Math.min(at + before, Math.max(now, at + 60))) };
}

const OF_A_VALUE = /^(avg|min|max|last|p\d+(\.\d+)?)$/;

/** Whether points so far apart are what a rule compares: totals of shorter windows are smaller. */
export function isCompared(rule: Pick<Question, "aggregation" | "window">, apart: number): boolean {
  return OF_A_VALUE.test(rule.aggregation) || rule.aggregation === "rate" || rule.window === apart;
}

/** Whether a rule's threshold means something on a chart that adds up in another way, or over other windows. */
function comparable(rule: Question, aggregation: string, step: number): boolean {
  if (OF_A_VALUE.test(rule.aggregation)) return OF_A_VALUE.test(aggregation);
  return rule.aggregation === aggregation && isCompared(rule, step);
}

/** What a chart needs to know of a rule; it changes when the rule does, not with every value that is judged. */
export interface WatchedRule extends Question {
  app_id: string | null;
  enabled: boolean;
}

export const watched = ({ app_id, enabled, metric_name, query, tags, aggregation, window, condition, threshold }: WatchedRule): WatchedRule => ({
  app_id,
  enabled,
  metric_name,
  query,
  tags,
  aggregation,
  window,
  condition,
  threshold,
});

/** The thresholds that a chart of a metric shows, each with its comparison as label. */
export function thresholdsOf(
  rules: readonly WatchedRule[],
  chart: { app: string; name: string; aggregation: string; step: number; unit: Unit },
): { value: number; label: string }[] {
  return rules
    .filter((rule) => rule.enabled && rule.metric_name === chart.name && (rule.app_id ?? chart.app) === chart.app)
    .filter((rule) => comparable(rule, chart.aggregation, chart.step))
    .map((rule) => ({ value: rule.threshold, label: `${sign(rule.condition)} ${formatValue(rule.threshold, chart.unit)}` }));
}
