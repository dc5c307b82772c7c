/** How much of something is used, as a bar with its figures. */
import { levelOf, shareOf } from "../lib/share";

interface Props {
  label: string;
  now: number;
  most: number;
  /** The figures in words. */
  text: string;
  note?: string;
}

export function Meter({ label, now, most, text, note }: Props) {
  const percent = Math.round(shareOf(now, most) * 100);
  return (
    <div className="meter-row">
      <div className="d-flex justify-content-between gap-2 flex-wrap">
        <span className="muted">{label}</span>
        <span className="fw-semibold">{text}</span>
      </div>
      <div className="meter" role="meter" aria-label={label} aria-valuenow={percent} aria-valuemin={0} aria-valuemax={100} aria-valuetext={text}>
        <svg className={levelOf(now, most)} viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
          <rect width={percent} height="1" />
        </svg>
      </div>
      {note !== undefined && <div className="muted small">{note}</div>}
    </div>
  );
}
