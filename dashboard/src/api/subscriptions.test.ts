import { beforeEach, describe, expect, it, vi } from "vitest";

import type { Standing, Topic } from "./live";
import type { ServerMessage } from "./messages";
import type { MetricsQuery } from "./metrics";
import { type Heard, Subscriptions } from "./subscriptions";

const query = (name: string): MetricsQuery => ({ app: "shop", name: [name], agg: "avg", step: 10, group_by: [], tag: [] });
const line = { name: "a", tags: {}, times: [1], values: [2] };
const problem = { code: "unavailable", message: "not now", where: "" } as const;

/** A live connection as far as subscriptions use it: what it was asked for, and a way to say something. */
class FakeConnection {
  asked: (Topic | "end")[] = [];
  say: (message: ServerMessage) => void = () => undefined;
  lose: () => void = () => undefined;

  subscribe(topic: Topic, onMessage: (message: ServerMessage) => void, onGap: () => void): Standing {
    this.asked.push(topic);
    this.say = onMessage;
    this.lose = onGap;
    return { change: (next) => this.asked.push(next), end: () => this.asked.push("end") };
  }
}

describe("subscriptions", () => {
  let connection: FakeConnection;
  let subscriptions: Subscriptions;
  let frames: (() => void)[];
  let now: number;
  let hidden: boolean;

  const chart = (name: string): { heard: Heard[]; gap: ReturnType<typeof vi.fn>; leave: () => void } => {
    const heard: Heard[] = [];
    const gap = vi.fn();
    return { heard, gap, leave: subscriptions.join({ topic: "metrics", query: query(name) }, (one) => heard.push(one), gap) };
  };
  const settled = (): Promise<void> => Promise.resolve();

  beforeEach(() => {
    connection = new FakeConnection();
    [frames, now, hidden] = [[], 0, false];
    subscriptions = new Subscriptions(connection, { nextFrame: (callback) => frames.push(callback), now: () => now, hidden: () => hidden });
  });

  it("are one for all charts of a view, which change together", async () => {
    const a = chart("a");
    chart("b");
    await settled();
    expect(connection.asked).toEqual([{ topic: "metrics", queries: { q1: query("a"), q2: query("b") } }]);
    a.leave();
    chart("c");
    await settled();
    expect(connection.asked.slice(1)).toEqual([{ topic: "metrics", queries: { q2: query("b"), q3: query("c") } }]);
  });

  it("end with the last of their parts", async () => {
    const a = chart("a");
    await settled();
    a.leave();
    await settled();
    chart("a");
    await settled();
    expect(connection.asked.slice(1)).toEqual(["end", { topic: "metrics", queries: { q2: query("a") } }]);
  });

  it("tell each chart its own points, and charts that ask alike the same", async () => {
    const [a, same, b] = [chart("a"), chart("a"), chart("b")];
    await settled();
    expect(connection.asked).toEqual([{ topic: "metrics", queries: { q1: query("a"), q2: query("b") } }]);
    connection.say({ op: "points", id: 1, answers: { q1: [line] } });
    expect([a.heard, same.heard, b.heard]).toEqual([[{ op: "points", series: [line] }], [{ op: "points", series: [line] }], []]);
  });

  describe("of many charts", () => {
    const many = async () => {
      const charts = Array.from({ length: 12 }, (_, i) => chart(`c${i}`));
      await settled();
      const say = (value: number): void => {
        const answers = Object.fromEntries(charts.map((_, i) => [`q${i + 1}`, [{ ...line, values: [value] }]]));
        connection.say({ op: "points", id: 1, answers });
      };
      const frame = (milliseconds: number): void => {
        now += milliseconds;
        for (const callback of frames.splice(0)) callback();
      };
      return { charts, say, frame, told: () => charts.reduce((sum, { heard }) => sum + heard.length, 0) };
    };

    it("tell a few in each frame, more where frames take long, each in order", async () => {
      const { charts, say, frame, told } = await many();
      say(1);
      say(2);
      expect([told(), frames.length]).toEqual([2, 1]);
      charts[11]?.leave();
      frame(16.7);
      expect([told(), frames.length]).toEqual([4, 1]);
      frame(48);
      expect([told(), frames.length]).toEqual([10, 1]);
      while (frames.length > 0) frame(7);
      expect(told(), "one has left").toBe(22);
      expect(charts[0]?.heard).toEqual([1, 2].map((value) => ({ op: "points", series: [{ ...line, values: [value] }] })));
    });

    it("tell all at once while nobody looks, for then no frame comes", async () => {
      const { say, frame, told } = await many();
      say(1);
      hidden = true;
      say(2);
      expect(told()).toBe(24);
      frame(1000);
      expect([told(), frames.length]).toEqual([24, 0]);
    });
  });

  it("tell of a query that failed only the charts that asked it", async () => {
    const [a, b] = [chart("a"), chart("b")];
    await settled();
    connection.say({ op: "error", id: 1, error: problem, query: "q2" });
    expect([a.gap.mock.calls.length, b.gap.mock.calls.length]).toEqual([0, 1]);
    connection.lose();
    expect([a.gap.mock.calls.length, b.gap.mock.calls.length]).toEqual([1, 2]);
  });

  it("share a topic that several parts ask for, and ask again for one that has come since", async () => {
    const heard: string[] = [];
    const join = (name: string): (() => void) => subscriptions.join({ topic: "applications" }, ({ op }) => heard.push(`${name} ${op}`), vi.fn());
    const leave = join("first");
    await settled();
    join("second");
    await settled();
    expect(connection.asked).toEqual([{ topic: "applications" }, { topic: "applications" }]);
    connection.say({ op: "subscribed", id: 1, now: 0 });
    expect(heard).toEqual(["first subscribed", "second subscribed"]);
    leave();
    await settled();
    expect(connection.asked).toHaveLength(2);
  });
});
