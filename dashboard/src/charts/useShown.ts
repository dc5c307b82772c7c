/** How a chart is shown: what the URL says, else what its owner has chosen, else what says most. */
import { useCallback, useMemo } from "react";

import { useView } from "../components/useView";
import type { Chosen, Layout, Shown } from "../lib/layout";
import { changed } from "../lib/layout";
import { aggregationsOf, defaultAggregation, type Metric } from "../lib/metrics";

export type ChangeLayout = (change: (before: Layout) => Layout) => void;

export interface ChartView extends Required<Shown> {
  change: (change: Partial<Shown>) => void;
}

const PARAMETERS = { agg: "agg", by: "by", heat: "heat", compare: "cmp" } as const;
const OFF = "0";

export function useShown(metric: Metric, chosen: Chosen | undefined, changeLayout: ChangeLayout): ChartView {
  const view = useView();
  const { set } = view;
  const text = (name: keyof Shown): string => view.get(`${PARAMETERS[name]}.${metric.name}`);
  const flag = (name: "heat" | "compare"): boolean => (text(name) === "" ? (chosen?.[name] ?? false) : text(name) !== OFF);
  const known = [text("agg"), chosen?.agg].find((name) => name !== undefined && aggregationsOf(metric.kind).includes(name));
  const agg = known ?? defaultAggregation(metric);
  const by = text("by") || (chosen?.by ?? "");
  const heat = metric.kind === "timing" && flag("heat");
  const compare = flag("compare");
  const change = useCallback(
    (to: Partial<Shown>) => {
      for (const [name, value] of Object.entries(to)) {
        const written = typeof value === "boolean" ? (value ? "1" : chosen === undefined ? "" : OFF) : value;
        set(`${PARAMETERS[name as keyof Shown]}.${metric.name}`, written);
      }
      if (chosen !== undefined) changeLayout((before) => changed(before, metric.name, to));
    },
    [set, metric.name, chosen, changeLayout],
  );
  return useMemo(() => ({ agg, by, heat, compare, change }), [agg, by, heat, compare, change]);
}
