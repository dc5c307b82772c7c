/** Series colours: eight that colour-blind people can tell apart, after Okabe and Ito, tuned for both themes. */
const LIGHT = ["#0b7a75", "#d55e00", "#0072b2", "#b5651d", "#9a4f96", "#5f7d0e", "#c0392b", "#4a5a63"];
const DARK = ["#35b8ae", "#f28e4b", "#56b4e9", "#e0b34a", "#cc8ac8", "#a3c14a", "#f07f74", "#a9bac2"];

/**
 * A colour for each series of a chart. It follows from name and tags, so a series looks the same on every chart and after
 * every reload; only where two of one chart would look alike does the later in the alphabet take the next free colour.
 */
export function coloursOf(series: readonly string[], dark: boolean): Map<string, string> {
  const palette = dark ? DARK : LIGHT;
  const taken = new Set<number>();
  const colours = new Map<string, string>();
  for (const key of [...series].sort()) {
    let place = hash(key) % palette.length;
    if (taken.size < palette.length) while (taken.has(place)) place = (place + 1) % palette.length;
    taken.add(place);
    colours.set(key, palette[place] ?? "");
  }
  return colours;
}

/** FNV-1a, 32 bits. */
export function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) {
    value ^= text.charCodeAt(i);
    value = Math.imul(value, 0x01000193);
  }
  return value >>> 0;
}
