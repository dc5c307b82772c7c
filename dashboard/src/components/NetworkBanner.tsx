/** Says calmly what is not as usual: the live connection is away, or the server does not answer at all. */
import { useSyncExternalStore } from "react";

import { isReachable, onReachable } from "../api/reachable";
import { POLL_MILLISECONDS, useLiveStatus } from "./useLive";

export function NetworkBanner() {
  const status = useLiveStatus();
  const reachable = useSyncExternalStore(onReachable, isReachable);
  if (status === "live" || status === "connecting") return null;
  const seconds = POLL_MILLISECONDS / 1000;
  return (
    <div className="banner" role="status">
      {!reachable
        ? "The server does not answer; what you see is kept, and goes on when it is back."
        : status === "polling"
          ? `There is no live connection; asking every ${seconds} s meanwhile.`
          : "The live connection is lost; what you see is kept. Reconnecting…"}
    </div>
  );
}
