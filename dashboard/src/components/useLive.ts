/** The live connection as React sees it. */
import { useEffect, useSyncExternalStore } from "react";

import type { LiveStatus, ServerMessage, Topic } from "../api/live";
import { live } from "../api/live";

export const POLL_MILLISECONDS = 10_000;

export function useLiveStatus(): LiveStatus {
  return useSyncExternalStore(
    (listener) => live.onStatus(listener),
    () => live.status,
  );
}

/** How often to ask while the socket is away; never while it is there. */
export function usePolling(): number | false {
  return useLiveStatus() === "live" ? false : POLL_MILLISECONDS;
}

/** Subscribe while `topic` is given; a new topic (by its JSON) is a new subscription. */
export function useSubscription(topic: Topic | null, onMessage: (message: ServerMessage) => void, onGap: () => void): void {
  const key = topic === null ? null : JSON.stringify(topic);
  useEffect(() => {
    if (key === null) return undefined;
    return live.subscribe(JSON.parse(key) as Topic, onMessage, onGap);
  }, [key, onMessage, onGap]);
}
