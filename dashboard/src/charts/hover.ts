/** The time under the pointer, shared by all charts, so that their crosshairs move in step. */

let time: number | null = null;
const listeners = new Set<() => void>();
let frame = 0;

export const hoveredTime = (): number | null => time;

/** Tell every chart, once per frame however often the pointer moves. */
export function hover(next: number | null): void {
  if (next === time) return;
  time = next;
  if (frame !== 0) return;
  frame = requestAnimationFrame(() => {
    frame = 0;
    for (const listener of listeners) listener();
  });
}

export function onHover(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
