/**
 * What the parts of a page want to hear of, in as few subscriptions as can be: one for all charts of a view, and one for
 * each other topic, however many parts ask for it.
 */
import { notifyManager } from "@tanstack/react-query";

import type { LogsQuery } from "./logs";
import { live, type LiveConnection, type Standing, type Topic } from "./live";
import type { ServerMessage } from "./messages";
import type { MetricsQuery } from "./metrics";
import type { Line, PointsMessage } from "./types";

/** What one part asks for: of charts, one query. */
export type Wish = { topic: "metrics"; query: MetricsQuery } | { topic: "logs"; query: LogsQuery } | { topic: "applications" } | { topic: "alerts" };

/** What one part is told: of points, those of its own query. */
export type Heard = Exclude<ServerMessage, PointsMessage> | { op: "points"; series: readonly Line[] };

interface Part {
  wish: Wish;
  /** Its wish as text: parts that wish the same share it. */
  text: string;
  onHeard: (heard: Heard) => void;
  onGap: () => void;
}

/** One chart is told for so much time: two in a frame of a quick screen, more where frames take long and would hold all up. */
const MILLISECONDS_FOR_EACH = 8;
const FIRST = 2;

interface Screen {
  /** Call back in the next frame. */
  nextFrame: (callback: () => void) => void;
  now: () => number;
  /** Whether nobody looks: then there are no frames. */
  hidden: () => boolean;
}

const screen: Screen = {
  nextFrame: (callback) => requestAnimationFrame(callback),
  now: () => performance.now(),
  hidden: () => document.hidden,
};

interface Shared {
  parts: Set<Part>;
  /** Of charts: the names of their queries. */
  names: Map<string, string>;
  standing: Standing | null;
  /** Asked for so far; null where a part has come since, which waits for the confirmation. */
  asked: string | null;
}

export class Subscriptions {
  private readonly shared = new Map<string, Shared>();
  private readonly changed = new Set<string>();
  private readonly waiting: (() => void)[] = [];
  private names = 0;

  constructor(
    private readonly connection: Pick<LiveConnection, "subscribe">,
    private readonly screen: Screen,
  ) {}

  /** Tell `onHeard` what is said, and `onGap` when something may have been missed, until the function that is returned is called. */
  join(wish: Wish, onHeard: Part["onHeard"], onGap: () => void): () => void {
    const text = JSON.stringify(wish);
    const key = wish.topic === "metrics" ? "metrics" : text;
    const part: Part = { wish, text, onHeard, onGap };
    const shared = this.shared.get(key) ?? { parts: new Set(), names: new Map(), standing: null, asked: null };
    this.shared.set(key, shared);
    shared.parts.add(part);
    shared.asked = null;
    this.renewSoon(key);
    return () => {
      shared.parts.delete(part);
      this.renewSoon(key);
    };
  }

  /** Once for all parts that come and go together. */
  private renewSoon(key: string): void {
    if (this.changed.size === 0) {
      queueMicrotask(() => {
        const keys = [...this.changed];
        this.changed.clear();
        for (const one of keys) this.renew(one);
      });
    }
    this.changed.add(key);
  }

  private renew(key: string): void {
    const shared = this.shared.get(key);
    if (shared === undefined) return;
    const topic = this.topicOf(shared);
    if (topic === null) {
      shared.standing?.end();
      this.shared.delete(key);
      return;
    }
    const text = JSON.stringify(topic);
    if (text === shared.asked) return;
    shared.asked = text;
    if (shared.standing !== null) shared.standing.change(topic);
    else
      shared.standing = this.connection.subscribe(
        topic,
        (message) => this.tell(shared, message),
        () => notifyManager.batch(() => tellGap(shared.parts)),
      );
  }

  private topicOf({ parts, names }: Shared): Topic | null {
    const queries: Record<string, MetricsQuery> = {};
    for (const { wish, text } of parts) {
      if (wish.topic !== "metrics") return wish;
      const name = names.get(text) ?? `q${(this.names += 1)}`;
      names.set(text, name);
      queries[name] = wish.query;
    }
    for (const [text, name] of names) if (!(name in queries)) names.delete(text);
    return parts.size === 0 ? null : { topic: "metrics", queries };
  }

  private tell({ parts, names }: Shared, message: ServerMessage): void {
    if (message.op === "points") {
      const idle = this.waiting.length === 0;
      for (const part of parts) {
        const series = message.answers[names.get(part.text) ?? ""];
        if (series !== undefined) this.waiting.push(() => parts.has(part) && part.onHeard({ op: "points", series }));
      }
      if (this.screen.hidden()) this.tellSome(this.waiting.length);
      else if (idle) this.tellSome(FIRST);
    } else if (message.op === "error") {
      tellGap([...parts].filter((part) => names.get(part.text) === message.query));
    } else {
      notifyManager.batch(() => {
        for (const part of parts) part.onHeard(message);
      });
    }
  }

  /** In the order in which it was said; the others with the next frame, for many charts that change at once would hold up the page. */
  private tellSome(count: number): void {
    const began = this.screen.now();
    notifyManager.batch(() => {
      for (const work of this.waiting.splice(0, count)) work();
    });
    if (this.waiting.length === 0) return;
    this.screen.nextFrame(() => this.tellSome(Math.max(1, Math.round((this.screen.now() - began) / MILLISECONDS_FOR_EACH))));
  }
}

function tellGap(parts: Iterable<Part>): void {
  for (const part of parts) part.onGap();
}

export const subscriptions = new Subscriptions(live, screen);
