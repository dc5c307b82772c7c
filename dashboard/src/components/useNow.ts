/** The server's time, in Unix seconds, renewed every `seconds`: at the same moment for all who ask alike. */
import { useCallback, useSyncExternalStore } from "react";

import { serverNow } from "../lib/clock";

class Clock {
  now = serverNow();
  private readonly listeners = new Set<() => void>();
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor(private readonly seconds: number) {}

  add(listener: () => void): void {
    this.listeners.add(listener);
    this.timer ??= setInterval(() => this.tick(), this.seconds * 1000);
  }

  /** Whether anybody still looks. */
  remove(listener: () => void): boolean {
    this.listeners.delete(listener);
    if (this.listeners.size > 0) return true;
    clearInterval(this.timer);
    return false;
  }

  private tick(): void {
    this.now = serverNow();
    for (const listener of this.listeners) listener();
  }
}

const clocks = new Map<number, Clock>();

function clockOf(seconds: number): Clock {
  const clock = clocks.get(seconds) ?? new Clock(seconds);
  clocks.set(seconds, clock);
  return clock;
}

export function useNow(seconds: number): number {
  const subscribe = useCallback(
    (listener: () => void) => {
      const clock = clockOf(seconds);
      clock.add(listener);
      return () => {
        if (!clock.remove(listener)) clocks.delete(seconds);
      };
    },
    [seconds],
  );
  return useSyncExternalStore(subscribe, () => clockOf(seconds).now);
}
