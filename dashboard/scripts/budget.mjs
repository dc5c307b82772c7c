// Fails the build when what the first page loads is over the budget: 250 KB of JavaScript, gzipped.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const BUDGET = 250 * 1024;
const folder = new URL("../../argus/server/static/", import.meta.url);
const html = readFileSync(new URL("index.html", folder), "utf8");
const files = [...html.matchAll(/(?:src|href)="\.\/(assets\/[^"]+\.js)"/g)].map((match) => match[1]);
const size = files.reduce((total, file) => total + gzipSync(readFileSync(new URL(file, folder))).length, 0);

console.log(`first load: ${(size / 1024).toFixed(1)} KB of JavaScript gzipped in ${files.length} files`);
if (files.length === 0 || size > BUDGET) {
  console.error(`over the budget of ${BUDGET / 1024} KB, or nothing found`);
  process.exit(1);
}
