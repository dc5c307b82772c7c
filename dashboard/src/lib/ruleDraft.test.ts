import { describe, expect, it } from "vitest";

import { bodyOf, draftOf, EMPTY_DRAFT, errorsOf, fieldOf, isUnderMore, questionOf } from "./ruleDraft";

const simple = { ...EMPTY_DRAFT, app: "shop", metric: "cpu_percent", threshold: "80", email: "ops@example.org" };

describe("a draft", () => {
  it("says at which field something is missing or wrong", () => {
    expect(Object.keys(errorsOf(EMPTY_DRAFT))).toEqual(["metric_name", "threshold"]);
    expect(Object.keys(errorsOf({ ...simple, threshold: "8o", recovery: "x", tags: "host" }))).toEqual(["threshold", "recovery_threshold", "tags"]);
    expect(errorsOf({ ...EMPTY_DRAFT, about: "logs", threshold: "-1e3", tags: "of the other form" })).toEqual({});
  });

  it("of four words becomes a rule", () => {
    expect(errorsOf(simple)).toEqual({});
    expect(bodyOf(simple, "p95")).toMatchObject({
      app_id: "shop",
      metric_name: "cpu_percent",
      aggregation: "p95",
      threshold: 80,
      notification_email: "ops@example.org",
      recovery_threshold: null,
    });
    expect(bodyOf(simple, "p95")).not.toHaveProperty("name");
  });

  it("about logs has no metric, no tags and no aggregation", () => {
    const body = questionOf({ ...simple, about: "logs", query: "level:error", app: "" }, "avg");
    expect(body).toMatchObject({ query: "level:error", app_id: null });
    for (const field of ["metric_name", "tags", "aggregation"]) expect(body).not.toHaveProperty(field);
  });

  it("takes tags line by line, with = in a value", () => {
    expect(questionOf({ ...simple, tags: " host = web-1 \n\nq=a=b" }, "avg").tags).toEqual({ host: "web-1", q: "a=b" });
  });

  it("of a rule says the same rule again", () => {
    const rule = {
      ...bodyOf({ ...simple, tags: "host=web-1", recovery: "70", channels: [3], noData: "alert", runbook: "https://x.example" }, "max"),
      name: "CPU",
      metric_name: "cpu_percent",
      query: null,
      tags: { host: "web-1" },
      aggregation: "max",
      no_data: "alert" as const,
    };
    const { query, ...same } = rule;
    expect(query).toBeNull();
    expect(bodyOf(draftOf(rule, true), "avg")).toEqual(same);
  });
});

it("finds the field that the server complains about", () => {
  expect(fieldOf("$.channels[0]")).toBe("channels");
  expect(fieldOf("$")).toBe("");
  expect(fieldOf("app")).toBe("");
  expect([isUnderMore("threshold"), isUnderMore(""), isUnderMore("runbook_url")]).toEqual([false, false, true]);
});
