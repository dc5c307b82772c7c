/** Whether something that should send is up, or since when it is silent. */
import { formatDuration, formatUtc } from "../lib/format";
import { useNow } from "./useNow";

const SILENT_SECONDS = 60;

export function Pulse({ seen }: { seen: number | null }) {
  const now = useNow(5);
  if (seen === null) return <span className="pulse muted">never seen</span>;
  const up = now - seen < SILENT_SECONDS;
  return (
    <span className={`pulse ${up ? "up" : "silent"}`} title={formatUtc(seen)}>
      {up ? "up" : `silent for ${formatDuration(Math.round(now - seen))}`}
    </span>
  );
}
