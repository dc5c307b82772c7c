import { describe, expect, it } from "vitest";

import { csv, linesCsv, logsCsv, ndjson } from "./csv";

describe("CSV", () => {
  it("quotes what would break a row, and calms what a spreadsheet would run", () => {
    expect(csv([["a,b", 'say "hi"', "two\nlines", null, 1.5]])).toBe('"a,b","say ""hi""","two\nlines",,1.5\r\n');
    expect(csv([["=1+1", "@x", "-3", -3]])).toBe("'=1+1,'@x,'-3,-3\r\n");
  });

  it("has a row per time and a column per line; what is missing stays empty", () => {
    const lines = [
      { name: "n", tags: { a: "1" }, times: [0, 10], values: [1, null] },
      { name: "n", tags: { a: "2" }, times: [10, 20], values: [5, 6] },
    ];
    expect(linesCsv(lines)).toBe(
      "time,unix,n{a=1},n{a=2}\r\n" +
        "1970-01-01T00:00:00.000Z,0,1,\r\n1970-01-01T00:00:10.000Z,10,,5\r\n1970-01-01T00:00:20.000Z,20,,6\r\n",
    );
  });

  it("holds log lines, with their metadata as JSON", () => {
    const line = { id: 1, app: "shop", timestamp: 0.5, level: "WARN", message: "a, b", logger: "l", host: "h", metadata: { n: 1 } };
    expect(logsCsv([line]).split("\r\n")[1]).toBe('1970-01-01T00:00:00.500Z,0.5,WARN,shop,h,l,"a, b","{""n"":1}"');
    expect(ndjson([line, line]).split("\n").filter(Boolean).map((text) => JSON.parse(text) as unknown)).toEqual([line, line]);
  });
});
