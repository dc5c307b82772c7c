/** The charts a person has chosen for an application, in their order, each with how it is shown. Kept in this browser. */

export interface Shown {
  agg?: string;
  by?: string;
  /** As a heat map of the distribution. */
  heat?: boolean;
  compare?: boolean;
}

export interface Chosen extends Shown {
  name: string;
  wide?: boolean;
}

export type Layout = readonly Chosen[];

export const layoutKey = (app: string): string => `argus-layout.${app}`;

/** What was kept; nothing where it cannot be read, for it may be of another version. */
export function readLayout(text: string | null): Layout {
  if (text === null) return [];
  try {
    const found: unknown = JSON.parse(text);
    return Array.isArray(found) ? found.filter(isChosen) : [];
  } catch {
    return [];
  }
}

function isChosen(value: unknown): value is Chosen {
  return typeof value === "object" && value !== null && "name" in value && typeof value.name === "string";
}

export function withChart(layout: Layout, chart: Chosen): Layout {
  return layout.some((known) => known.name === chart.name) ? layout : [...layout, chart];
}

export function withoutChart(layout: Layout, name: string): Layout {
  return layout.filter((known) => known.name !== name);
}

export function changed(layout: Layout, name: string, change: Partial<Chosen>): Layout {
  return layout.map((known) => (known.name === name ? { ...known, ...change } : known));
}

/** One place earlier (-1) or later (+1). */
export function moved(layout: Layout, name: string, by: -1 | 1): Layout {
  const from = layout.findIndex((known) => known.name === name);
  const to = from + by;
  const [chart, other] = [layout[from], layout[to]];
  if (chart === undefined || other === undefined) return layout;
  return layout.map((known, i) => (i === from ? other : i === to ? chart : known));
}
