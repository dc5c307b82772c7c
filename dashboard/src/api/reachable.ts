/** Whether the server answered when it was last asked: the banner says so when it did not. */

let reachable = true;
const listeners = new Set<() => void>();

export const isReachable = (): boolean => reachable;

export function setReachable(value: boolean): void {
  if (value === reachable) return;
  reachable = value;
  for (const listener of listeners) listener();
}

export function onReachable(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
