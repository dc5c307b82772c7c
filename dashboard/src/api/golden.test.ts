/** The types of this folder against the golden files that the server's tests read too. */
import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { readMessage } from "./messages";

type Shape = "string" | "number" | "boolean" | "null" | "object" | { [key: string]: Shape } | [Shape] | { oneOf: Shape[] };

const golden = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../../tests/contract/golden/${name}.json`, import.meta.url), "utf8"));

function check(value: unknown, shape: Shape, place: string): void {
  if (typeof shape === "string") {
    const actual = value === null ? "null" : typeof value;
    expect(actual, place).toBe(shape);
  } else if (Array.isArray(shape)) {
    expect(Array.isArray(value), place).toBe(true);
    (value as unknown[]).forEach((item, i) => check(item, shape[0], `${place}[${i}]`));
  } else if ("oneOf" in shape) {
    const actual = value === null ? "null" : typeof value;
    expect(shape.oneOf, place).toContain(actual);
  } else {
    const object = value as Record<string, unknown>;
    expect(Object.keys(object).sort(), place).toEqual(Object.keys(shape).sort());
    for (const [key, inner] of Object.entries(shape)) check(object[key], inner, `${place}.${key}`);
  }
}

const line: Shape = { name: "string", tags: "object", times: ["number"], values: [{ oneOf: ["number", "null"] }] };
const log: Shape = {
  id: "number",
  app: "string",
  timestamp: "number",
  level: "string",
  message: "string",
  logger: "string",
  host: "string",
  metadata: "object",
};
const application: Shape = {
  app_id: "string",
  name: "string",
  created_at: "number",
  key_prefixes: ["string"],
  last_seen: { oneOf: ["number", "null"] },
  hosts: ["string"],
  instances: "number",
  series: "number",
  errors_last_hour: "number",
  active_alerts: "number",
};
const counts: Shape = { DEBUG: ["number"], INFO: ["number"], WARN: ["number"], ERROR: ["number"] };
const nullable = (shape: "string" | "number"): Shape => ({ oneOf: [shape, "null"] });
const rule: Shape = {
  id: "number",
  name: "string",
  app_id: nullable("string"),
  metric_name: nullable("string"),
  query: nullable("string"),
  tags: "object",
  aggregation: "string",
  window: "number",
  condition: "string",
  threshold: "number",
  for: "number",
  recovery_threshold: nullable("number"),
  no_data: "string",
  severity: "string",
  notification_email: nullable("string"),
  channels: ["object"],
  repeat_interval: "number",
  runbook_url: nullable("string"),
  enabled: "boolean",
  created_at: "number",
  updated_at: "number",
  revision: "number",
  state: "string",
  since: nullable("number"),
  value: nullable("number"),
  applications: [
    {
      app: "string",
      state: "string",
      since: "number",
      value: nullable("number"),
      evaluated_at: "number",
      incident_since: nullable("number"),
      flapping: "boolean",
      fired: "number",
      acknowledged_at: nullable("number"),
      silence_id: nullable("number"),
      reason: "string",
    },
  ],
};
const checker: Shape = { last_pass_at: nullable("number"), seconds: "number", judged: "number", trouble: "string" };
const error: Shape = { code: "string", message: "string", where: "string" };

const delivery: Shape = {
  id: "number",
  kind: "string",
  target: "string",
  name: "string",
  state: "string",
  reason: "string",
  next_at: nullable("number"),
  attempts: [{ at: "number", ok: "boolean", answer: "string" }],
};
const transition: Shape = {
  id: "number",
  rule_id: "number",
  rule_name: "string",
  app: "string",
  state: "string",
  previous: "string",
  at: "number",
  metric_value: nullable("number"),
  threshold: "number",
  severity: "string",
  points: [[nullable("number")]],
  reason: "string",
  deliveries: [delivery],
};
const channel: Shape = {
  id: "number",
  name: "string",
  kind: "string",
  target: "string",
  created_at: "number",
  updated_at: "number",
};

describe("the golden files have the shapes this folder declares", () => {
  it.each([
    ["answer_error", { error }],
    ["answer_session", { user: "string", expires_at: "number", version: "string" }],
    ["answer_applications", { applications: [application] }],
    ["answer_application_created", { app_id: "string", name: "string", api_key: "string", created_at: "number" }],
    ["answer_metrics", { start: "number", end: "number", step: "number", agg: "string", tier: "string", series: [line] }],
    ["answer_series", { series: [{ name: "string", tags: "object", kind: "string", host: "string", last_seen: "number" }] }],
    [
      "answer_distribution",
      {
        start: "number",
        end: "number",
        step: "number",
        tier: "string",
        times: ["number"],
        bounds: ["number"],
        counts: [["number"]],
      },
    ],
    ["answer_log_histogram", { start: "number", step: "number", counts, complete: "boolean" }],
    ["answer_alerts", { rules: [rule], checker }],
    ["answer_alert_history", { events: [transition], next: nullable("string") }],
    ["answer_channels", { channels: [channel] }],
    ["answer_channel_created", { channel, secret: nullable("string") }],
    ["answer_logs", { logs: [log], next: { oneOf: ["string", "null"] } }],
  ] as [string, Shape][])("%s", (name, shape) => {
    check(golden(name), shape, name);
  });

  it("live messages", () => {
    const shapes: Record<string, Shape> = {
      subscribed: { op: "string", id: "number", now: "number" },
      points: { op: "string", id: "number", answers: { q1: [line] } },
      logs: { op: "string", id: "number", logs: [log] },
      applications: { op: "string", id: "number", applications: [application] },
      alerts: { op: "string", id: "number", events: [transition] },
      dropped: { op: "string", id: "number", count: "number" },
      error: { op: "string", id: "number", error },
    };
    const messages = golden("live_server") as { op: string }[];
    expect(messages.map((message) => message.op).sort()).toEqual(Object.keys(shapes).sort());
    for (const message of messages) check(message, shapes[message.op] ?? "null", message.op);
    expect(messages.map((message) => readMessage(JSON.stringify(message)))).toEqual(messages);
  });
});
