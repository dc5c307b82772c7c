/**
 * When charts are drawn. Whatever changes of a chart is drawn once, in the next frame that has room: a frame takes as many
 * charts as fit into its time, and the page stays smooth while the others wait for the frame after. What is far from the
 * view waits until it is near.
 */

/** Of the 16 ms that a frame has; the browser needs the rest to put on the screen what was drawn. */
const ROOM_MILLISECONDS = 6;
/** The same part of frames that take longer: on a busy machine twenty charts would wait for many of them. */
const ROOM_SHARE = 0.36;

type Work = () => void;

/** Why a chart is drawn: of each reason only the newest work counts. */
export type Reason = "data" | "hover";

interface Screen {
  /** Call back in the next frame. */
  nextFrame: (callback: () => void) => void;
  now: () => number;
}

export class Drawing {
  private readonly waiting = new Map<Element, Map<Reason, Work>>();
  private readonly seen = new Set<Element>();
  private asked: number | null = null;

  constructor(private readonly screen: Screen) {}

  /** Do this work in the next frame that has room, instead of what waits for this element for the same reason. */
  soon(element: Element, reason: Reason, work: Work): void {
    const works = this.waiting.get(element) ?? new Map<Reason, Work>();
    this.waiting.set(element, works.set(reason, work));
    if (this.seen.has(element)) this.ask();
  }

  /** Whether an element is in view, as its observer knows it. */
  show(element: Element, inView: boolean): void {
    if (!inView) this.seen.delete(element);
    else {
      this.seen.add(element);
      if (this.waiting.has(element)) this.ask();
    }
  }

  forget(element: Element): void {
    this.waiting.delete(element);
    this.seen.delete(element);
  }

  private ask(): void {
    if (this.asked !== null) return;
    this.asked = this.screen.now();
    this.screen.nextFrame(() => this.frame());
  }

  private frame(): void {
    const now = this.screen.now();
    const until = now + Math.max(ROOM_MILLISECONDS, ROOM_SHARE * (now - (this.asked ?? now)));
    this.asked = null;
    for (const [element, works] of this.waiting) {
      if (!this.seen.has(element)) continue;
      if (this.screen.now() > until) {
        this.ask();
        return;
      }
      this.waiting.delete(element);
      for (const work of works.values()) work();
    }
  }
}

const drawing = new Drawing({ nextFrame: (callback) => requestAnimationFrame(callback), now: () => performance.now() });
let observer: IntersectionObserver | undefined;
/** A chart that is about to come into view is drawn already, so that nobody sees an empty one. */
const NEAR = "120px";

export const drawSoon = (element: Element, reason: Reason, work: Work): void => drawing.soon(element, reason, work);

/** Know whether an element is in view until the function that is returned is called. */
export function watch(element: Element): () => void {
  observer ??= new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) drawing.show(target, isIntersecting);
    },
    { rootMargin: NEAR },
  );
  const observing = observer;
  observing.observe(element);
  return () => {
    observing.unobserve(element);
    drawing.forget(element);
  };
}
