/**
 * The shapes of the HTTP API and of the live messages, made from the server's types by `python dashboard/api_types.py`:
 * edit those instead.
 */

/** What became of a body: its accepted part is on the disk. */
export interface Accepted {
  /** How many summaries, points or lines were taken. */
  accepted: number;
  /** Whether this batch had been stored before, and was not stored again. */
  duplicate: boolean;
  /** What was left out of it. */
  rejected: RejectedRow[];
}

/** One page of the history. */
export interface AlertHistory {
  /** Newest first. */
  events: HistoryEvent[];
  /** Pass it as `cursor` for the next page; null on the last one. */
  next: string | null;
}

/** A rule and where it stands. */
export interface AlertRule {
  /** Number of the rule. */
  id: number;
  /** What people call it. */
  name: string;
  /** The application it watches; null: each of them. */
  app_id: string | null;
  /** The metric it watches; null for a rule about log lines. */
  metric_name: string | null;
  /** The log search whose lines it counts; null for a metric. */
  query: string | null;
  /** Only series that have all these tags; `host` is one. */
  tags: Record<string, string>;
  /** What becomes of a window: avg, min, max, last, sum, rate, count, pNN. */
  aggregation: string;
  /** Seconds that are looked at together. */
  window: number;
  /** How the value is compared with the threshold. */
  condition: "!=" | "<" | "<=" | "==" | ">" | ">=";
  /** What the value is compared with. */
  threshold: number;
  /** Seconds that the condition must hold. */
  for: number;
  /** Once it fires, the value must get to this side of it before it is over; null: the threshold. */
  recovery_threshold: number | null;
  /** What a window without data means: ok, alert or keep. */
  no_data: NoData;
  /** info, warning or critical. */
  severity: Severity;
  /** Who is told by e-mail. */
  notification_email: string | null;
  /** Numbers of the channels that are told too. */
  channels: number[];
  /** Least seconds between two messages about one application. */
  repeat_interval: number;
  /** Where one reads what to do about it. */
  runbook_url: string | null;
  /** Whether it is judged at all. */
  enabled: boolean;
  /** When it was made, in Unix seconds. */
  created_at: number;
  /** When it was last changed, in Unix seconds. */
  updated_at: number;
  /** Grows when a change makes the rule be judged anew. */
  revision: number;
  /** The worst state of its applications: firing, no_data, error, pending, ok. */
  state: State;
  /** When that state began; null: it was not judged yet. */
  since: number | null;
  /** The value of that application's last window. */
  value: number | null;
  /** Where it stands for each application. */
  applications: ApplicationState[];
}

/** The rules. */
export interface AlertRules {
  /** Ordered by id. */
  rules: AlertRule[];
  /** How the checking goes on the server that answers. */
  checker: CheckerState;
}

/** Alert rules have changed their states. */
export interface AlertsMessage {
  op: "alerts";
  /** The subscription. */
  id: number | string;
  /** The transitions, oldest first. */
  events: HistoryEvent[];
}

/** A mark on charts. */
export interface Annotation {
  /** When it happened, in Unix seconds. */
  at: number;
  /** event: argus.event(…); alert: a rule's transition. */
  kind: "alert" | "event";
  /** Id of the application. */
  app: string;
  /** Name of the event or of the rule. */
  name: string;
  /** Its text; for an alert, what it became. */
  text: string;
  /** Tags of an event. */
  tags: Record<string, string>;
  /** The rule of an alert. */
  rule_id: number | null;
}

/** The marks of a range. */
export interface Annotations {
  /** The oldest first; of too many, the newest. */
  annotations: Annotation[];
}

/** The answer to every refused request. */
export interface ApiProblem {
  /** What is wrong. */
  error: ProblemDetail;
}

/** A registered application, and what the server knows of it. */
export interface Application {
  /** Id of an application: its name in small letters, as addresses carry it. */
  app_id: string;
  /** Its name for people. */
  name: string;
  /** When it was registered, in Unix seconds. */
  created_at: number;
  /** How the keys begin that work now. */
  key_prefixes: string[];
  /** When it last sent something; null: never. */
  last_seen: number | null;
  /** Where it ran within a day of its last sign of life. */
  hosts: string[];
  /** Processes that sent something within the last minute. */
  instances: number;
  /** Active series, which count against the limit. */
  series: number;
  /** Log lines of level ERROR within the last hour. */
  errors_last_hour: number;
  /** Open incidents of alert rules. */
  active_alerts: number;
}

/** What changes; what is left out stays. A limit of null is the server's. */
export interface ApplicationChange {
  /** Name for people; the id stays. */
  name?: string;
  /** Most active series. */
  max_series?: number | null;
  /** Most summaries per second, on average. */
  max_rows_per_second?: number | null;
  /** Most log lines per second, on average. */
  max_lines_per_second?: number | null;
}

/** All that the server knows of one application. Counts begin when the server starts. */
export interface ApplicationDetail {
  /** Id of an application: its name in small letters, as addresses carry it. */
  app_id: string;
  /** Its name for people. */
  name: string;
  /** When it was registered, in Unix seconds. */
  created_at: number;
  /** When it last sent something; null: never. */
  last_seen: number | null;
  /** The keys that work now, oldest first. */
  keys: KeyInfo[];
  /** Where it ran within a day of its last sign of life. */
  hosts: string[];
  /** Those of the last day, latest first, at most 200. */
  instances: InstanceInfo[];
  /** SDKs that the instances use, with their versions. */
  sdks: string[];
  /** Active series. */
  series: Use;
  /** Summaries and points. */
  rows_per_second: Use;
  /** Log lines. */
  lines_per_second: Use;
  /** What one request may hold, of any application. */
  body: BodyLimits;
  /** Summaries and points that were taken, repeats included. */
  rows: number;
  /** Log lines that were taken, repeats included. */
  lines: number;
  /** Rows and lines that were left out of good bodies. */
  rejected: number;
  /** Requests that came too fast and were answered with 429. */
  refused: number;
  /** What its clients say they lost within the last hour. */
  dropped: number;
  /** Share of a core that Argus takes in an instance, on average; null: unknown. */
  overhead_percent: number | null;
}

/** Where a rule stands for one application. */
export interface ApplicationState {
  /** Id of the application. */
  app: string;
  /** ok, pending, firing, no_data or error. */
  state: State;
  /** When the state began, in Unix seconds. */
  since: number;
  /** Of the last window; null without data. */
  value: number | null;
  /** End of the last window that was judged, in Unix seconds. */
  evaluated_at: number;
  /** When the open incident began; null: there is none. */
  incident_since: number | null;
  /** It fires again and again: one incident, over once it is well for a repeat interval. */
  flapping: boolean;
  /** How often it has fired in its last incident. */
  fired: number;
  /** When somebody said that they look after it. */
  acknowledged_at: number | null;
  /** The silence that keeps messages back now. */
  silence_id: number | null;
  /** Why it is an error; empty otherwise. */
  reason: string;
}

/** The registered applications. */
export interface Applications {
  /** Ordered by name. */
  applications: Application[];
}

/** The applications, when something about them has changed. */
export interface ApplicationsMessage {
  op: "applications";
  /** The subscription. */
  id: number | string;
  /** All of them, ordered by name. */
  applications: Application[];
}

/** One try to deliver. */
export interface Attempt {
  /** When it was tried, in Unix seconds. */
  at: number;
  /** Whether it was taken. */
  ok: boolean;
  /** What the other side said. */
  answer: string;
}

/** One administrative act that went well. */
export interface AuditEntry {
  /** Grows with time. */
  id: number;
  /** When, in Unix seconds. */
  at: number;
  /** admin, admin by Basic, or command line. */
  who: string;
  /** The address it came from; user and machine for the command line. */
  origin: string;
  /** Operation id of the route, or the command. */
  act: string;
  /** Address that was asked, or what the command was about. */
  subject: string;
  /** What the address does not tell, such as a new name. */
  detail: string;
}

/** One page of the audit log. */
export interface AuditPage {
  /** Newest first. */
  entries: AuditEntry[];
  /** Pass it as `before` for the next page; null on the last one. */
  next: number | null;
}

/** One backup. Where the file cannot be read, only its name and size are known. */
export interface BackupInfo {
  /** Name of the file, as the list has it. */
  name: string;
  /** Bytes of the file. */
  size: number;
  /** When it was begun, in Unix seconds. */
  created_at: number | null;
  /** Version of the Argus that made it. */
  argus: string | null;
  /** What it holds of `records` and `metrics`. */
  stores: Record<string, StoredRows>;
}

/** The backups, and what becomes of the next one. */
export interface Backups {
  /** Newest first. */
  backups: BackupInfo[];
  /** The one that is being made now, by whomever; null: none. */
  running: RunningBackup | null;
  /** Backups that failed since the last one that was made. */
  failed: number;
  /** Null when the last one that was tried was made. */
  last_error: FailedBackup | null;
  /** When the next one is due, in Unix seconds; null: never. */
  next_at: number | null;
}

/** What one request may hold. */
export interface BodyLimits {
  /** Largest body. */
  bytes: number;
  /** Largest body after decompression. */
  decompressed_bytes: number;
  /** Most summaries or points. */
  rows: number;
  /** Most log lines. */
  lines: number;
}

/** What is to change of a channel; what is left out stays as it is. */
export interface ChangedChannel {
  /** What people call it; no two have the same. */
  name?: string;
  /** An address: of e-mail, of a webhook (https://…), or one that apprise knows (slack://…). */
  target?: string;
  /** Whether a webhook is to be signed with a new secret. */
  new_secret?: boolean;
}

/** A channel as the API shows it. */
export interface ChannelInfo {
  /** Number of the channel, by which rules name it. */
  id: number;
  /** What people call it. */
  name: string;
  /** How messages are sent: email, webhook or apprise. */
  kind: "apprise" | "email" | "webhook";
  /** Where they go; of an address with secrets, only its beginning. */
  target: string;
  /** When it was made, in Unix seconds. */
  created_at: number;
  /** When it was last changed, in Unix seconds. */
  updated_at: number;
}

/** A channel as it was just stored. */
export interface ChannelWithSecret {
  /** The channel. */
  channel: ChannelInfo;
  /** What a webhook is signed with, where it is new: it is never shown again. */
  secret?: string | null;
}

/** The channels. */
export interface Channels {
  /** Ordered by id. */
  channels: ChannelInfo[];
}

/** How the checking of rules goes. */
export interface CheckerState {
  /** When rules were last judged, in Unix seconds. */
  last_pass_at: number | null;
  /** How long that took. */
  seconds: number;
  /** How many rules were judged, times applications. */
  judged: number;
  /** Why some or all keep the state they had; empty while all is well. */
  trouble: string;
}

/** The counters of a batch. */
export interface CounterColumns {
  /** Keys of the series, `name` or `name{k=v}`; row i of every column belongs to the i-th. */
  keys: string[];
  /** Sum of the values. */
  sum: number[];
  /** How many values were recorded. */
  count: number[];
}

/** An application with a new key, which is never shown again. */
export interface CreatedApplication {
  /** Id of an application: its name in small letters, as addresses carry it. */
  app_id: string;
  /** Its name for people. */
  name: string;
  /** The key. Keep it: only a digest of it is stored. */
  api_key: string;
  /** When the application was registered, in Unix seconds. */
  created_at: number;
}

/** A new key, which is never shown again. */
export interface CreatedKey {
  /** Id of a key, from the application's page. */
  key_id: string;
  /** How it begins; enough to recognise it. */
  prefix: string;
  /** What people call it. */
  label: string;
  /** The key. Keep it: only a digest of it is stored. */
  api_key: string;
}

/** What became of a message. */
export type DeliveryState = "failed" | "pending" | "sent" | "suppressed";

/** The file system of the data folder. */
export interface Disk {
  /** Bytes that may still be written. */
  free: number;
  /** Its size in bytes. */
  total: number;
}

/** How a timing's values spread over time; without data all three lists are empty. */
export interface DistributionAnswer {
  /** First moment of the range, in Unix seconds. */
  start: number;
  /** End of the range, not in it. */
  end: number;
  /** Width of a column in seconds. */
  step: number;
  /** Which resolution answered: raw or 5m. */
  tier: string;
  /** Beginnings of the columns, in Unix seconds. */
  times: number[];
  /** Where rows begin, in seconds, and where the last one ends. */
  bounds: number[];
  /** For each column, how many values lie in each row, from the smallest. */
  counts: number[][];
}

/** The connection read too slowly, so something was left out: ask for the history again. */
export interface DroppedMessage {
  op: "dropped";
  /** The subscription. */
  id: number | string;
  /** Messages that were left out. */
  count: number;
}

/** A message was refused, or a query failed. */
export interface ErrorMessage {
  op: "error";
  /** The subscription; null where the message named none. */
  id: number | string | null;
  /** What is wrong. */
  error: ProblemDetail;
  /** The query that failed; without it, the whole subscription. */
  query?: string | null;
}

/** Why the last backup that was tried failed. */
export interface FailedBackup {
  /** When it failed, in Unix seconds. */
  at: number;
  /** What went wrong, and what helps. */
  message: string;
}

/** Rows of one kind, since the start of this process. */
export interface FlowStatus {
  /** Rows that were stored. */
  stored: number;
  /** Rows stored per second within the last minute. */
  per_second: number;
  /** Rows left out of good bodies; each sender was told which and why. */
  rejected: number;
  /** Batches that were sent again and not stored again. */
  duplicates: number;
  /** Batches that wait for a commit. */
  waiting: number;
  /** Commits; batches that come together share one. */
  commits: number;
}

/** The gauges of a batch. */
export interface GaugeColumns {
  /** Keys of the series, `name` or `name{k=v}`; row i of every column belongs to the i-th. */
  keys: string[];
  /** The last value set. */
  last: number[];
  /** Smallest value. */
  min: number[];
  /** Largest value. */
  max: number[];
  /** Sum of the values. */
  sum: number[];
  /** How many values were recorded. */
  count: number[];
}

/** How many lines a search finds, by level and time. */
export interface HistogramAnswer {
  /** Beginning of the first bucket, in Unix seconds: a multiple of the step. */
  start: number;
  /** Width of a bucket in seconds. */
  step: number;
  /** For each level, the lines in each bucket. */
  counts: Record<string, number[]>;
  /** False where time ran out: then the oldest lines are not counted. */
  complete: boolean;
}

/** One message of a transition. */
export interface HistoryDelivery {
  /** Number of the message. */
  id: number;
  /** Where it goes: email, or channel. */
  kind: string;
  /** The address, or the number of the channel. */
  target: string;
  /** What people call it: the channel's name now, or the address. */
  name: string;
  /** pending, sent, failed or suppressed. */
  state: DeliveryState;
  /** Why it was suppressed, or failed for good. */
  reason: string;
  /** When it is tried (again); null when that is over. */
  next_at: number | null;
  /** Each try, the oldest first. */
  attempts: Attempt[];
}

/** One transition of a rule. */
export interface HistoryEvent {
  /** Number of the event; grows. */
  id: number;
  /** Number of the rule. */
  rule_id: number;
  /** Its name then. */
  rule_name: string;
  /** Id of the application. */
  app: string;
  /** What it became: pending, firing, resolved, ok, no_data or error. */
  state: State;
  /** What it was. The same as `state`: told again, or an end told late. */
  previous: State;
  /** End of the window that showed it, in Unix seconds. */
  at: number;
  /** The value of that window; null without data. */
  metric_value: number | null;
  /** The rule's threshold then. */
  threshold: number;
  /** The rule's severity then. */
  severity: Severity;
  /** The time before it, as pairs of time and value. */
  points: ([number, number | null])[];
  /** Why nobody was told, or what the error is. */
  reason: string;
  /** The messages that tell of it. */
  deliveries: HistoryDelivery[];
}

/** A time in which the rule would have been firing. */
export interface Incident {
  /** Id of the application. */
  app: string;
  /** When it would have fired, in Unix seconds. */
  start: number;
  /** When it would have been over; null: not within the range. */
  end: number | null;
}

/** One client in one process. */
export interface InstanceInfo {
  /** Its name for itself. */
  instance: string;
  /** Where it runs. */
  host: string;
  /** What sends, with its version; empty where it sent log lines only. */
  sdk: string;
  /** When it last sent something, in Unix seconds. */
  last_seen: number;
}

/** One scheduled job, as this process knows it. */
export interface JobStatus {
  /** Its name, also in the log and as tag of jobs.run. */
  name: string;
  /** What it is good for. */
  does: string;
  /** When it runs, as the scheduler writes it. */
  schedule: string;
  /** Seconds between two runs; null for a job of the calendar. */
  interval: number | null;
  /** Whether each of several servers runs it, not just the leading one. */
  everywhere: boolean;
  /** Whether it runs at this moment. */
  running: boolean;
  /** When it last began, in Unix seconds; null: not yet, here. */
  last_run: number | null;
  /** Seconds that the last run took. */
  duration: number | null;
  /** What became of the last run: done or failed. */
  outcome: string | null;
  /** Why the last run failed. */
  error: string | null;
  /** When it is due, in Unix seconds. */
  next_run: number | null;
  /** Runs since the start. */
  runs: number;
  /** Failed ones among them. */
  failures: number;
}

/** A key, as far as it is kept. */
export interface KeyInfo {
  /** Id of a key, from the application's page. */
  key_id: string;
  /** How it begins. */
  prefix: string;
  /** What people call it. */
  label: string;
  /** When it was made, in Unix seconds. */
  created_at: number;
  /** When it stops to work; null: never. */
  expires_at: number | null;
  /** When it was last used, to the minute; null: not yet. */
  last_used: number | null;
}

/** A level of log lines; asked for in any case of letters. */
export type Level = "DEBUG" | "ERROR" | "INFO" | "WARN";

/** One series of a chart, in columns. */
export interface Line {
  /** Name of the metric. */
  name: string;
  /** The tags it was grouped by, with their values. */
  tags: Record<string, string>;
  /** Beginnings of the buckets, in Unix seconds. */
  times: number[];
  /** Values of the buckets; null where there are no data. */
  values: (number | null)[];
}

/** Connections of dashboards. */
export interface Live {
  /** Open ones. */
  connections: number;
  /** Most at once. */
  limit: number;
  /** What they have asked for, together. */
  subscriptions: number;
  /** Messages left out for connections that read too slowly. */
  dropped: number;
}

/** One line of a log. */
export interface LogEntry {
  /** Its text; what is over 64 KiB is cut and marked. */
  message: string;
  /** When it was written, in Unix seconds; now. */
  timestamp?: number | null;
  /** DEBUG, INFO, WARN or ERROR; CRITICAL and FATAL are stored as ERROR. */
  level?: string;
  /** Name of the logger. */
  logger?: string;
  /** Any JSON object; at most 64 KiB. */
  metadata?: Record<string, unknown>;
}

/** One log line. */
export interface LogLine {
  /** Grows in the order of storing. */
  id: number;
  /** Id of the application that wrote it. */
  app: string;
  /** When it was written, in Unix seconds. */
  timestamp: number;
  /** DEBUG, INFO, WARN or ERROR. */
  level: string;
  /** Its text. */
  message: string;
  /** Name of the logger. */
  logger: string;
  /** Where it was written. */
  host: string;
  /** Whatever the application added. */
  metadata: Record<string, unknown>;
}

/** The administrator's password. */
export interface Login {
  /** The password. */
  password: string;
}

/** One page of a log search. */
export interface LogsAnswer {
  /** Newest first; with `after`, oldest first. */
  logs: LogLine[];
  /** Pass it as `cursor` for the next page; null on the last one. */
  next: string | null;
}

/** Log lines of one instance. */
export interface LogsBody {
  /** The lines. */
  logs: LogEntry[];
  /** One client in one process. Belongs together with `seq`. */
  instance?: string | null;
  /** From 1, one more per batch of this instance: what makes delivery exactly-once. */
  seq?: number | null;
  /** Where it runs; without one, the address that sends. */
  host?: string;
}

/** New log lines. */
export interface LogsMessage {
  op: "logs";
  /** The subscription. */
  id: number | string;
  /** Those that match, oldest first. */
  logs: LogLine[];
}

/** A range of one or more metrics. */
export interface MetricsAnswer {
  /** First moment of the range, in Unix seconds. */
  start: number;
  /** End of the range, not in it. */
  end: number;
  /** Width of a bucket in seconds. */
  step: number;
  /** How the summaries of a bucket became one value. */
  agg: string;
  /** Which resolution answered: raw or 5m. */
  tier: string;
  /** One line per metric and group. */
  series: Line[];
}

/** Summaries of one instance in one window, in columns; or single points, in `metrics`. */
export interface MetricsBody {
  /** One client in one process. Belongs together with `seq`. */
  instance?: string | null;
  /** From 1, one more per batch of this instance: what makes delivery exactly-once. */
  seq?: number | null;
  /** Where it runs; without one, the address that sends. */
  host?: string;
  /** First moment of the window, in Unix seconds. */
  start?: number | null;
  /** End of the window. */
  end?: number | null;
  /** What sends: `python/1.0.0`. */
  sdk?: string;
  /** The sender's clock now: the server moves the window by the difference. */
  sent_at?: number | null;
  /** Summaries of counters. */
  counters?: CounterColumns | null;
  /** Summaries of gauges. */
  gauges?: GaugeColumns | null;
  /** Summaries of timings. */
  timings?: TimingColumns | null;
  /** Single values, each a window of its own. */
  metrics?: Point[] | null;
}

/** An application to register. */
export interface NewApplication {
  /** A name for people; the id is made from it. */
  name: string;
}

/** A channel to make. */
export interface NewChannel {
  /** What people call it; no two have the same. */
  name: string;
  /** How messages are sent: email, webhook or apprise. */
  kind: "apprise" | "email" | "webhook";
  /** An address: of e-mail, of a webhook (https://…), or one that apprise knows (slack://…). */
  target: string;
}

/** A key to make. */
export interface NewKey {
  /** What people call it. */
  label?: string;
}

/** A change of the administrator's password. */
export interface NewPassword {
  /** The password until now. */
  old: string;
  /** The password from now on. */
  new: string;
}

/** What a window without data means: all is well, an alert of its own, or that nothing is known. */
export type NoData = "alert" | "keep" | "ok";

/** One value of the points form. */
export interface Point {
  /** Name of the metric, at most 256 bytes. */
  name: string;
  /** The value; counters and timings have none below zero. */
  value: number;
  /** What it is. */
  type?: "counter" | "gauge" | "timing";
  /** When, in Unix seconds; now. */
  timestamp?: number | null;
  /** At most 32 tags. */
  tags?: Record<string, string>;
}

/** Buckets that changed. */
export interface PointsMessage {
  op: "points";
  /** The subscription. */
  id: number | string;
  /** By the name of a query its lines; each value replaces the one at its time. */
  answers: Record<string, Line[]>;
}

/** What a rule would have done. */
export interface Preview {
  /** The rule in words. */
  condition_text: string;
  /** End of the first window that was judged, in Unix seconds. */
  start: number;
  /** End of the last one. */
  end: number;
  /** How often it would have fired. */
  fired: number;
  /** How often somebody would have been told, for each place to tell. */
  messages: number;
  /** When it would have been firing, by time. */
  incidents: Incident[];
  /** What it would have seen, by application. */
  series: PreviewSeries[];
}

/** A rule, and the range to run it over. */
export interface PreviewBody {
  /** The application it watches; null or left out: each of them. */
  app_id?: string | null;
  /** The metric it watches. */
  metric_name?: string | null;
  /** One of > >= < <= == != (or ≥ ≤ = ≠); > if left out. */
  condition?: ">" | ">=" | "\u2265" | "<" | "<=" | "\u2264" | "==" | "=" | "!=" | "\u2260";
  /** What the value is compared with. */
  threshold?: number;
  /** Who is told by e-mail. */
  notification_email?: string | null;
  /** What people call it; its condition in words if left out. */
  name?: string;
  /** Instead of a metric: a log search whose lines are counted. */
  query?: string | null;
  /** Only series that have all these tags. */
  tags?: Record<string, string>;
  /** avg (if left out), min, max, last, sum, rate, count, or p50 to p99.9. */
  aggregation?: string;
  /** Seconds that are looked at together, a multiple of 10; 60 if left out. */
  window?: number;
  /** Seconds that the condition must hold; 0 if left out. */
  for?: number;
  /** Where a firing rule is over; the threshold if left out. */
  recovery_threshold?: number | null;
  /** ok, alert or keep. If left out: keep; for sum, rate and count, where nothing is zero, alert if zero meets the condition and the rule has an application, otherwise ok. */
  no_data?: NoData;
  /** info, warning (if left out) or critical. */
  severity?: Severity;
  /** Numbers of the channels that are told too. */
  channels?: number[];
  /** Least seconds between two messages about one application; 600 if left out. */
  repeat_interval?: number;
  /** Where one reads what to do about it. */
  runbook_url?: string | null;
  /** Whether it is judged at all; true if left out. */
  enabled?: boolean;
  /** First moment, in Unix seconds; 7 days before the end if left out. */
  start?: number;
  /** End, in Unix seconds; now if left out. */
  end?: number;
}

/** What the rule would have seen of one application. */
export interface PreviewSeries {
  /** Id of the application. */
  app: string;
  /** Pairs of a window's end and its value; of many, those nearest to a breach. */
  points: ([number, number | null])[];
}

/** What is wrong with a request. */
export interface ProblemDetail {
  /** One word for the kind of error. */
  code: "bad_request" | "conflict" | "forbidden" | "internal" | "method_not_allowed" | "not_found" | "request_timeout" | "too_large" | "too_many_requests" | "unauthorized" | "unavailable" | "unsupported_media_type";
  /** What is wrong, and where there is one the remedy. */
  message: string;
  /** The parameter, header or place in the body; empty for none. */
  where: string;
}

/** This process. */
export interface ProcessStatus {
  /** Bytes in memory (RSS). */
  memory: number;
  /** Share of one core since the status was last asked for. */
  cpu_percent: number;
  /** Processor time since the start. */
  cpu_seconds: number;
  /** Threads. */
  threads: number;
  /** Open files and sockets. */
  open_files: number;
}

/** Whether the server can store what is sent. */
export interface Ready {
  /** Whether it can. */
  ready: boolean;
  /** What hinders it, by part: `start`, `metrics` or `records`. */
  troubles: Record<string, string>;
}

/** A row of a good body that was left out, and why. */
export interface RejectedRow {
  /** Key of the series, or the start of the log line. */
  key: string;
  /** What is wrong with it. */
  reason: string;
}

/** How long data are kept. */
export interface Retention {
  /** Days that summaries are kept as they came. */
  raw_days: number;
  /** Days that 5-minute rollups are kept. */
  rollup_days: number;
  /** Days that log lines are kept. */
  log_days: number;
}

/** How a key is replaced. */
export interface Rotation {
  /** Seconds for which the old key works on. */
  overlap?: number;
}

/** What a person says of a rule. What is left out has its default, or stays as it is in a PATCH. */
export interface RuleBody {
  /** The application it watches; null or left out: each of them. */
  app_id?: string | null;
  /** The metric it watches. */
  metric_name?: string | null;
  /** One of > >= < <= == != (or ≥ ≤ = ≠); > if left out. */
  condition?: ">" | ">=" | "\u2265" | "<" | "<=" | "\u2264" | "==" | "=" | "!=" | "\u2260";
  /** What the value is compared with. */
  threshold?: number;
  /** Who is told by e-mail. */
  notification_email?: string | null;
  /** What people call it; its condition in words if left out. */
  name?: string;
  /** Instead of a metric: a log search whose lines are counted. */
  query?: string | null;
  /** Only series that have all these tags. */
  tags?: Record<string, string>;
  /** avg (if left out), min, max, last, sum, rate, count, or p50 to p99.9. */
  aggregation?: string;
  /** Seconds that are looked at together, a multiple of 10; 60 if left out. */
  window?: number;
  /** Seconds that the condition must hold; 0 if left out. */
  for?: number;
  /** Where a firing rule is over; the threshold if left out. */
  recovery_threshold?: number | null;
  /** ok, alert or keep. If left out: keep; for sum, rate and count, where nothing is zero, alert if zero meets the condition and the rule has an application, otherwise ok. */
  no_data?: NoData;
  /** info, warning (if left out) or critical. */
  severity?: Severity;
  /** Numbers of the channels that are told too. */
  channels?: number[];
  /** Least seconds between two messages about one application; 600 if left out. */
  repeat_interval?: number;
  /** Where one reads what to do about it. */
  runbook_url?: string | null;
  /** Whether it is judged at all; true if left out. */
  enabled?: boolean;
}

/** A backup that is being made. */
export interface RunningBackup {
  /** When it was begun, in Unix seconds. */
  started_at: number;
  /** What is being done. */
  step: string;
  /** Bytes of that step that are done. */
  done: number;
  /** Of how many; null where nobody knows. */
  total: number | null;
}

/** The series of an application. */
export interface SeriesAnswer {
  /** Ordered by name, then tags, then host. */
  series: SeriesInfo[];
}

/** One stored series. */
export interface SeriesInfo {
  /** Name of the metric. */
  name: string;
  /** Its tags. */
  tags: Record<string, string>;
  /** What it is. */
  kind: "counter" | "gauge" | "timing";
  /** Where it was recorded. */
  host: string;
  /** When it last had data, in Unix seconds. */
  last_seen: number;
}

/** Who is logged in, and until when. */
export interface Session {
  /** Always admin. */
  user: string;
  /** When the session ends unless it is used, in Unix seconds. */
  expires_at: number;
  /** Version of the server. */
  version: string;
}

/** One setting of the server. */
export interface Setting {
  /** Its key in the [server] table of argus.toml. */
  name: string;
  /** The option of argus serve. */
  flag: string;
  /** The environment variable; with _FILE added, one that names a file. */
  variable: string;
  /** What its values are: text, whole, number or switch. */
  kind: "number" | "switch" | "text" | "whole";
  /** What is in use. Of an address only what holds no secret. */
  value: string;
  /** What is in use where nothing is given. */
  default: string;
  /** Where the value was given; null: nowhere, it is the default. */
  source: string | null;
  /** The least number it may be. */
  least: number | null;
  /** The greatest number it may be. */
  most: number | null;
  /** What it is. */
  doc: string;
}

/** The settings of the server that answers. */
export interface SettingList {
  /** All of them, in the order of the documentation. */
  settings: Setting[];
}

/** How much a rule matters to whoever is told. */
export type Severity = "critical" | "info" | "warning";

/** A silence. What is null or left out matches everything. */
export interface SilenceBody {
  /** When it is over, in Unix seconds; with `every`, for the first time. */
  ends: number;
  /** When it begins, in Unix seconds; now if left out. */
  starts?: number;
  /** Why. */
  comment?: string;
  /** Of this rule only. */
  rule_id?: number | null;
  /** Of this application only. */
  app_id?: string | null;
  /** Of rules of this severity only. */
  severity?: Severity | null;
  /** A maintenance window comes again every day or week (UTC). */
  every?: "day" | "week" | null;
}

/** A silence, and whether it is on. */
export interface SilenceState {
  /** Number of the silence. */
  id: number;
  /** Why. */
  comment: string;
  /** Of this rule only. */
  rule_id: number | null;
  /** Of this application only. */
  app_id: string | null;
  /** Of this severity only. */
  severity: Severity | null;
  /** When it begins, in Unix seconds. */
  starts: number;
  /** When it is over, in Unix seconds. */
  ends: number;
  /** A maintenance window comes again every day or week (UTC). */
  every: "day" | "week" | null;
  /** When it was made, in Unix seconds. */
  created_at: number;
  /** Whether it keeps messages back now. */
  active: boolean;
}

/** The silences that are not over for good. */
export interface Silences {
  /** Ordered by start. */
  silences: SilenceState[];
}

/** A backup that was begun. */
export interface StartedBackup {
  /** How far it is; ask for the list to follow it. */
  running: RunningBackup;
}

/** Where a rule stands for one application. An event may also be ``resolved``, after which the state is ``ok``. */
export type State = "error" | "firing" | "no_data" | "ok" | "pending" | "resolved";

/** The state of one server. */
export interface Status {
  /** Version of Argus. */
  version: string;
  /** Version of Python. */
  python: string;
  /** The server's clock, in Unix seconds. */
  now: number;
  /** When this process started. */
  started_at: number;
  /** Seconds since then. */
  uptime: number;
  /** Whether this server runs the jobs that one of several has to run. */
  leading: boolean;
  /** Why the start is not over; null when it is. */
  starting: string | null;
  /** Registered ones; null while nobody can say. */
  applications: number | null;
  /** Active series that this server knows of. */
  series: number;
  /** The metric store and the record store. */
  stores: Store[];
  /** How long data are kept. */
  retention: Retention;
  /** The scheduled jobs. */
  jobs: JobStatus[];
  /** Metrics that came in: summaries and single points. */
  summaries: FlowStatus;
  /** Log lines that came in. */
  log_lines: FlowStatus;
  /** Refused requests since the start, by the error's code. */
  refused: Record<string, number>;
  /** Live connections. */
  live: Live;
  /** What this process takes. */
  process: ProcessStatus;
  /** Room where the data folder is. */
  disk: Disk;
}

/** One store. */
export interface Store {
  /** What it keeps: metrics or records. */
  role: string;
  /** The product: sqlite, influxdb, victoriametrics or postgresql. */
  kind: string;
  /** Its URL without user, password and options. */
  address: string;
  /** Whether what is sent can be stored now. */
  reachable: boolean;
  /** Why not; null while it can. */
  trouble: string | null;
  /** Its sizes and counters; empty while it is away. */
  sizes: Record<string, number>;
}

/** What a backup holds of one store. */
export interface StoredRows {
  /** The product: sqlite, postgresql, influxdb or victoriametrics. */
  kind: string;
  /** Bytes of it in the file. */
  size: number;
  /** Rows of each table. */
  rows: Record<string, number>;
}

/** The subscription stands: what is stored from now on will be told. */
export interface SubscribedMessage {
  op: "subscribed";
  /** The subscription. */
  id: number | string;
  /** The server's clock, in Unix seconds. */
  now: number;
}

/** Who is to get a test mail. */
export interface TestAddress {
  /** The address. */
  email: string;
}

/** How a test message ended. */
export interface TestResult {
  /** sent; refused, as it would be again; or failed, which may pass. */
  result: "failed" | "refused" | "sent";
  /** What the other side said, or what went wrong. */
  detail: string;
}

/** The timings of a batch, in seconds. */
export interface TimingColumns {
  /** Keys of the series, `name` or `name{k=v}`; row i of every column belongs to the i-th. */
  keys: string[];
  /** How many values were recorded. */
  count: number[];
  /** Sum of the values. */
  sum: number[];
  /** Smallest value. */
  min: number[];
  /** Largest value. */
  max: number[];
  /** Sketches: a row is index, count, then pairs of index difference and count. */
  bins: number[][];
}

/** How much of one limit is used. */
export interface Use {
  /** Active series, or what came per second in the last minute, to all servers. */
  now: number;
  /** The most there may be. */
  limit: number;
  /** Whether the limit is the application's own, not the server's. */
  own: boolean;
}

/** Whatever the server says on the live connection. */
export type ServerMessage = SubscribedMessage | PointsMessage | LogsMessage | ApplicationsMessage | AlertsMessage | DroppedMessage | ErrorMessage;

/** Of each kind of message the members that it must have, and what JavaScript calls them. */
export const MESSAGE_MEMBERS = {
  subscribed: { id: ["number", "string"], now: ["number"] },
  points: { id: ["number", "string"], answers: ["object"] },
  logs: { id: ["number", "string"], logs: ["array"] },
  applications: { id: ["number", "string"], applications: ["array"] },
  alerts: { id: ["number", "string"], events: ["array"] },
  dropped: { id: ["number", "string"], count: ["number"] },
  error: { id: ["null", "number", "string"], error: ["object"] },
} as const;
