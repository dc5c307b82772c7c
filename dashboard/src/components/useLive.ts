/** The live connection as React sees it. */
import { useEffect, useState, useSyncExternalStore } from "react";

import type { LiveStatus } from "../api/live";
import { live } from "../api/live";
import { type Heard, subscriptions, type Wish } from "../api/subscriptions";
import { setServerTime } from "../lib/clock";

export const POLL_MILLISECONDS = 10_000;

/** History that is asked for before its subscription stands may miss what is stored in between; so it waits, this long. */
const WAIT_MILLISECONDS = 1_000;

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

/**
 * Hear of something while `wish` is given; another wish (by its JSON) takes its place. Returns whether it is time to ask for
 * the history: the subscription stands, there is none, or the socket is away.
 */
export function useSubscription(wish: Wish | null, onHeard: (heard: Heard) => void, onGap: () => void): boolean {
  const key = wish === null ? null : JSON.stringify(wish);
  const status = useLiveStatus();
  const [asking, setAsking] = useState<string | null>(null);
  useEffect(() => {
    if (key === null) return undefined;
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      setAsking(key);
    }, WAIT_MILLISECONDS);
    const leave = subscriptions.join(
      JSON.parse(key) as Wish,
      (heard) => {
        if (heard.op === "subscribed") {
          clearTimeout(timer);
          setServerTime(heard.now);
          setAsking(key);
          if (late) onGap();
          late = false;
        }
        onHeard(heard);
      },
      onGap,
    );
    return () => {
      clearTimeout(timer);
      leave();
    };
  }, [key, onHeard, onGap]);
  return key === null || asking === key || status === "reconnecting" || status === "polling";
}
