/** How long ago something was, or how soon it will be; the exact time, local and UTC, on hover. */
import { formatAgo, formatTime, formatUtc } from "../lib/format";
import { useNow } from "./useNow";

export function Ago({ time, never }: { time: number | null; never: string }) {
  const now = useNow(5);
  if (time === null) return <span className="muted">{never}</span>;
  return (
    <time dateTime={new Date(time * 1000).toISOString()} title={`${formatTime(time)} · ${formatUtc(time)}`}>
      {formatAgo(now - time)}
    </time>
  );
}
