/** Deliveries of an event in a few words. Pure; tested beside this file. */

const WORDS = { sent: "sent", pending: "under way", failed: "failed", suppressed: "kept back" } as const;
type DeliveryStateName = keyof typeof WORDS;

export const deliveryWord = (state: DeliveryStateName): string => WORDS[state];

const ORDER: readonly DeliveryStateName[] = ["failed", "pending", "sent", "suppressed"];

/** `1 failed, 2 sent`; without messages, why nobody was told. */
export function deliveryText(deliveries: readonly { state: DeliveryStateName }[], reason: string): string {
  if (deliveries.length === 0) return reason;
  const counts = ORDER.map((state) => ({ state, count: deliveries.filter((one) => one.state === state).length }));
  return counts
    .filter(({ count }) => count > 0)
    .map(({ state, count }) => `${count} ${WORDS[state]}`)
    .join(", ");
}

const LEAST_MILLISECONDS = 2_000;

/** In how many milliseconds an attempt to deliver something will have been made; `false`: nothing is under way. */
export function untilNext(events: readonly { deliveries: readonly { next_at: number | null }[] }[], now: number): number | false {
  const times = events.flatMap((event) => event.deliveries.flatMap((delivery) => delivery.next_at ?? []));
  return times.length === 0 ? false : Math.max(LEAST_MILLISECONDS, (Math.min(...times) - now) * 1000 + LEAST_MILLISECONDS);
}
