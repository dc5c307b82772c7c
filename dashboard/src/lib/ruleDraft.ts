/** A rule as it is being written: what stands in the fields, and what becomes of it. Pure; tested beside this file. */

export type Condition = ">" | ">=" | "<" | "<=" | "==" | "!=";
export type NoDataMeans = "ok" | "keep" | "alert";
export type SeverityName = "info" | "warning" | "critical";

export interface RuleDraft {
  about: "metric" | "logs";
  /** Empty: each application. */
  app: string;
  metric: string;
  query: string;
  condition: Condition;
  threshold: string;
  email: string;
  name: string;
  /** Empty: what suits the metric. */
  aggregation: string;
  window: number;
  for: number;
  recovery: string;
  /** One `key=value` a line. */
  tags: string;
  /** Empty: what suits the aggregation. */
  noData: "" | NoDataMeans;
  severity: SeverityName;
  channels: readonly number[];
  repeat: number;
  runbook: string;
  enabled: boolean;
}

/** A field of the API's body; the empty one is the whole form. */
export type Errors = Readonly<Record<string, string>>;

interface RuleLike {
  name: string;
  app_id: string | null;
  metric_name: string | null;
  query: string | null;
  tags: Record<string, string>;
  aggregation: string;
  window: number;
  condition: Condition;
  threshold: number;
  for: number;
  recovery_threshold: number | null;
  no_data: NoDataMeans;
  severity: SeverityName;
  notification_email: string | null;
  channels: readonly number[];
  repeat_interval: number;
  runbook_url: string | null;
  enabled: boolean;
}

/** What a rule asks, and when it tells: all that a preview depends on. */
export interface QuestionBody {
  app_id: string | null;
  metric_name?: string;
  query?: string;
  tags?: Record<string, string>;
  aggregation?: string;
  condition: Condition;
  threshold: number;
  window: number;
  for: number;
  recovery_threshold: number | null;
  no_data?: NoDataMeans;
  repeat_interval: number;
}

export interface WholeBody extends QuestionBody {
  name?: string;
  severity: SeverityName;
  notification_email: string | null;
  channels: number[];
  runbook_url: string | null;
  enabled: boolean;
}

export const EMPTY_DRAFT: RuleDraft = {
  about: "metric",
  app: "",
  metric: "",
  query: "",
  condition: ">",
  threshold: "",
  email: "",
  name: "",
  aggregation: "",
  window: 60,
  for: 0,
  recovery: "",
  tags: "",
  noData: "",
  severity: "warning",
  channels: [],
  repeat: 600,
  runbook: "",
  enabled: true,
};

/** A rule to be edited. `named`: whether its name is a person's own. */
export function draftOf(rule: RuleLike, named: boolean): RuleDraft {
  return {
    about: rule.query === null ? "metric" : "logs",
    app: rule.app_id ?? "",
    metric: rule.metric_name ?? "",
    query: rule.query ?? "",
    condition: rule.condition,
    threshold: String(rule.threshold),
    email: rule.notification_email ?? "",
    name: named ? rule.name : "",
    aggregation: rule.query === null ? rule.aggregation : "",
    window: rule.window,
    for: rule.for,
    recovery: rule.recovery_threshold === null ? "" : String(rule.recovery_threshold),
    tags: Object.entries(rule.tags)
      .map(([key, value]) => `${key}=${value}`)
      .join("\n"),
    noData: rule.no_data,
    severity: rule.severity,
    channels: rule.channels,
    repeat: rule.repeat_interval,
    runbook: rule.runbook_url ?? "",
    enabled: rule.enabled,
  };
}

/** What is not yet a rule, by the field of the API that it concerns. */
export function errorsOf(draft: RuleDraft): Errors {
  const errors: Record<string, string> = {};
  if (draft.about === "metric" && draft.metric.trim() === "") errors["metric_name"] = "Name the metric to watch.";
  if (draft.threshold.trim() === "") errors["threshold"] = "Give the number to compare with.";
  else if (!Number.isFinite(Number(draft.threshold))) errors["threshold"] = "This is not a number.";
  if (!Number.isFinite(Number(draft.recovery))) errors["recovery_threshold"] = "This is not a number.";
  if (draft.about === "metric") {
    const wrong = tagLines(draft.tags).find((line) => line.indexOf("=") < 1);
    if (wrong !== undefined) errors["tags"] = `“${wrong}” is not like key=value.`;
  }
  return errors;
}

/** What a preview asks. Only of a draft without errors. */
export function questionOf(draft: RuleDraft, suited: string): QuestionBody {
  const recovery = draft.recovery.trim();
  return {
    app_id: draft.app === "" ? null : draft.app,
    ...(draft.about === "logs"
      ? { query: draft.query }
      : { metric_name: draft.metric.trim(), tags: tagsOf(draft.tags), aggregation: draft.aggregation === "" ? suited : draft.aggregation }),
    condition: draft.condition,
    threshold: Number(draft.threshold),
    window: draft.window,
    for: draft.for,
    recovery_threshold: recovery === "" ? null : Number(recovery),
    ...(draft.noData === "" ? {} : { no_data: draft.noData }),
    repeat_interval: draft.repeat,
  };
}

/** The whole rule to be stored. Only of a draft without errors. */
export function bodyOf(draft: RuleDraft, suited: string): WholeBody {
  const text = (value: string): string | null => (value.trim() === "" ? null : value.trim());
  return {
    ...questionOf(draft, suited),
    ...(draft.name.trim() === "" ? {} : { name: draft.name.trim() }),
    severity: draft.severity,
    notification_email: text(draft.email),
    channels: [...draft.channels],
    runbook_url: text(draft.runbook),
    enabled: draft.enabled,
  };
}

/** The field that the server complains about: `$.channels[0]` is `channels`. */
export function fieldOf(where: string): string {
  return /^\$\.(\w+)/.exec(where)?.[1] ?? "";
}

const SIMPLE = ["app_id", "metric_name", "query", "condition", "threshold", "notification_email", ""];

/** Whether an error is at a field that only shows under “More”. */
export const isUnderMore = (field: string): boolean => !SIMPLE.includes(field);

function tagLines(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
}

function tagsOf(text: string): Record<string, string> {
  return Object.fromEntries(
    tagLines(text).map((line) => {
      const at = line.indexOf("=");
      return [line.slice(0, at).trim(), line.slice(at + 1).trim()];
    }),
  );
}
