/** What stores tell of themselves: figures by metric name, such as `store.records.log_lines`. */
import { formatValue, unitOf } from "./format";

export interface Size {
  name: string;
  text: string;
}

/** In words, the bytes first; the rest in the order of their names. */
export function sizesOf(sizes: Readonly<Record<string, number>>): Size[] {
  return Object.entries(sizes)
    .map(([key, value]) => {
      const name = key.split(".").at(-1) ?? key;
      return { name: name === "bytes" ? "size" : name.replaceAll("_", " "), text: formatValue(value, unitOf(name, "gauge", "last")) };
    })
    .sort((a, b) => Number(b.name === "size") - Number(a.name === "size") || a.name.localeCompare(b.name));
}
