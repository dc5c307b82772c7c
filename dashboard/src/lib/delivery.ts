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
