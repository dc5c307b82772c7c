import { describe, expect, it } from "vitest";

import { outdoneBy, sourceText, waysTo, wrongWith } from "./settings";

const days = { name: "log_days", flag: "--log-days", variable: "ARGUS_LOG_DAYS", kind: "number", source: null, least: 0.05, most: 3650 } as const;
const text = { ...days, kind: "text", least: null, most: null } as const;

describe("a setting", () => {
  it("is given by a line in the file, a variable or an option", () => {
    expect(waysTo(days, " 14 ").map((way) => way.code)).toEqual(["[server]\nlog_days = 14", "ARGUS_LOG_DAYS=14", "argus serve --log-days 14"]);
  });

  it("is quoted as the file and the shell want it", () => {
    expect(waysTo(text, `it's "so"`).map((way) => way.code)).toEqual([
      `[server]\nlog_days = "it's \\"so\\""`,
      `ARGUS_LOG_DAYS='it'\\''s "so"'`,
      `argus serve --log-days 'it'\\''s "so"'`,
    ]);
  });

  it.each([
    [days, "14", null],
    [days, "0.01", "It must be from 0.05 to 3,650."],
    [days, "two", "It must be a number."],
    [days, "", "It must be a number."],
    [{ ...days, kind: "whole" } as const, "1.5", "It must be a whole number."],
    [{ ...days, kind: "switch" } as const, "on", "It must be true or false."],
    [{ ...days, kind: "switch" } as const, "false", null],
    [text, "", null],
  ])("%o takes %s or says why not", (setting, value, wrong) => {
    expect(wrongWith(setting, value)).toBe(wrong);
  });

  it("says where it was given, and what a line in the file would not change", () => {
    const given = (source: string): [string, boolean] => [sourceText({ ...days, source }), outdoneBy({ ...days, source }) !== null];
    expect(given("--log-days")).toEqual(["option --log-days", true]);
    expect(given("ARGUS_LOG_DAYS_FILE")).toEqual(["ARGUS_LOG_DAYS_FILE", true]);
    expect(given("/srv/argus.toml: server.log_days")).toEqual(["/srv/argus.toml", false]);
    expect([sourceText(days), outdoneBy(days)]).toEqual(["default", null]);
  });
});
