/** Series colours: eight that colour-blind people can tell apart, after Okabe and Ito, tuned for both themes. */
const LIGHT = ["#0b7a75", "#d55e00", "#0072b2", "#b5651d", "#9a4f96", "#5f7d0e", "#c0392b", "#4a5a63"];
const DARK = ["#35b8ae", "#f28e4b", "#56b4e9", "#e0b34a", "#cc8ac8", "#a3c14a", "#f07f74", "#a9bac2"];

/** The same series has the same colour on every chart and after every reload: it depends on its name and tags alone. */
export function colourOf(series: string, dark: boolean): string {
  const palette = dark ? DARK : LIGHT;
  return palette[hash(series) % palette.length] ?? "#0b7a75";
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
