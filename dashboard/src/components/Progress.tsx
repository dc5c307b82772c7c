/** How far long work is: what is being done, and how much of it is done. */
import { formatValue } from "../lib/format";
import { shareOf } from "../lib/share";

interface Props {
  label: string;
  /** In bytes. */
  done: number;
  /** Null where nobody knows. */
  total: number | null;
}

export function Progress({ label, done, total }: Props) {
  const percent = total === null ? undefined : Math.round(shareOf(done, total) * 100);
  const text = total === null ? formatValue(done, "bytes") : `${formatValue(done, "bytes")} of ${formatValue(total, "bytes")}`;
  return (
    <div className="meter-row mb-3">
      <div className="d-flex justify-content-between gap-2" role="status">
        <span>{label}</span>
        <span className="muted">{text}</span>
      </div>
      <div className="meter" role="progressbar" aria-label={label} aria-valuenow={percent} aria-valuemin={0} aria-valuemax={100} aria-valuetext={text}>
        <svg className="calm" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
          <rect width={percent ?? 100} height="1" opacity={percent === undefined ? 0.4 : 1} />
        </svg>
      </div>
    </div>
  );
}
