/** The live connection as React sees it. */
import { useEffect, useState, useSyncExternalStore } from "react";

import type { LiveStatus, Topic } from "../api/live";
import { live } from "../api/live";
import type { ServerMessage } from "../api/messages";
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
 * Subscribe while `topic` is given; a new topic (by its JSON) is a new subscription. Returns whether it is time to ask for
 * the history: the subscription stands, there is none, or the socket is away.
 */
export function useSubscription(topic: Topic | null, onMessage: (message: ServerMessage) => void, onGap: () => void): boolean {
  const key = topic === null ? null : JSON.stringify(topic);
  const status = useLiveStatus();
  const [asking, setAsking] = useState<string | null>(null);
  useEffect(() => {
    if (key === null) return undefined;
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      setAsking(key);
    }, WAIT_MILLISECONDS);
    const unsubscribe = live.subscribe(
      JSON.parse(key) as Topic,
      (message) => {
        if (message.op === "subscribed") {
          clearTimeout(timer);
          setServerTime(message.now);
          setAsking(key);
          if (late) onGap();
          late = false;
        }
        onMessage(message);
      },
      onGap,
    );
    return () => {
      clearTimeout(timer);
      unsubscribe();
    };
  }, [key, onMessage, onGap]);
  return key === null || asking === key || status === "reconnecting" || status === "polling";
}
