/** How much of a limit is used. */

/** From 0 to 1; what is over its limit is all of it. */
export function shareOf(now: number, most: number): number {
  return most > 0 ? Math.min(1, Math.max(0, now / most)) : 0;
}

/** What to think of it: a limit that is nearly reached is the one thing to look at. */
export function levelOf(now: number, most: number): "calm" | "near" | "full" {
  const share = shareOf(now, most);
  return share >= 0.95 ? "full" : share >= 0.8 ? "near" : "calm";
}
