/** A small chart of what a rule looks at, with its threshold. */
import { useMemo } from "react";

import { type Span, type Threshold } from "../../charts/marks";
import { TimeChart } from "../../charts/TimeChart";
import { useDark } from "../../components/useTheme";
import { sign, unitOfRule } from "../../lib/alerts";
import { formatValue } from "../../lib/format";
import type { Line } from "../../lib/points";

interface Props {
  label: string;
  /** Without a threshold where the lines are not what it is compared with. */
  rule: { metric_name: string | null; aggregation: string; condition: string; threshold: number | null };
  lines: readonly Line[];
  spans: readonly Span[];
  start: number;
  end: number;
  step: number;
}

const NONE = [] as const;
const stay = (): void => undefined;

export function RuleChart({ label, rule, lines, spans, start, end, step }: Props) {
  const unit = unitOfRule(rule);
  const { threshold, condition } = rule;
  const thresholds = useMemo<readonly Threshold[]>(
    () => (threshold === null ? [] : [{ value: threshold, label: `${sign(condition)} ${formatValue(threshold, unit)}` }]),
    [threshold, condition, unit],
  );
  return <TimeChart {...{ label, lines, spans, thresholds, start, end, step, unit }} before={NONE} marks={NONE} dark={useDark()} onSelected={stay} />;
}
