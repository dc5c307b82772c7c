import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { LiveConnection } from "./live";
import type { ServerMessage } from "./messages";

/** The browser's socket, as far as the connection uses it; the real one is used in tests/e2e. */
class FakeSocket {
  static all: FakeSocket[] = [];
  readyState = 0;
  sent: Record<string, unknown>[] = [];
  onopen: (() => void) | null = null;
  onclose: ((event?: { code: number }) => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;

  constructor() {
    FakeSocket.all.push(this);
  }
  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }
  close(): void {
    this.readyState = 3;
  }
  open(): void {
    this.readyState = 1;
    this.onopen?.();
  }
  lose(code = 1006): void {
    this.readyState = 3;
    this.onclose?.({ code });
  }
  receive(message: ServerMessage): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
}

const newest = (): FakeSocket => {
  const socket = FakeSocket.all.at(-1);
  if (socket === undefined) throw new Error("no socket was opened");
  return socket;
};

describe("the live connection", () => {
  let connection: LiveConnection;

  beforeEach(() => {
    vi.useFakeTimers();
    FakeSocket.all = [];
    connection = new LiveConnection(
      () => "ws://test/ws/dashboard",
      () => new FakeSocket() as unknown as WebSocket,
    );
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("subscribes once it is open, and hands messages to their owner", () => {
    const messages: ServerMessage[] = [];
    connection.subscribe({ topic: "applications" }, (message) => messages.push(message), vi.fn());
    newest().open();
    expect(newest().sent).toEqual([{ op: "subscribe", id: 1, topic: "applications" }]);
    newest().receive({ op: "applications", id: 1, applications: [] });
    newest().receive({ op: "applications", id: 99, applications: [] });
    expect(messages).toEqual([{ op: "applications", id: 1, applications: [] }]);
  });

  it("comes back after a loss, subscribes again and tells of the gap", () => {
    const gap = vi.fn();
    connection.subscribe({ topic: "applications" }, vi.fn(), gap);
    newest().open();
    expect(gap).not.toHaveBeenCalled();
    newest().lose();
    expect(connection.status).toBe("reconnecting");
    vi.advanceTimersByTime(2000);
    expect(FakeSocket.all).toHaveLength(2);
    newest().open();
    expect(connection.status).toBe("live");
    expect(newest().sent).toEqual([{ op: "subscribe", id: 1, topic: "applications" }]);
    expect(gap, "only what is asked for after the subscription stands misses nothing").not.toHaveBeenCalled();
    newest().receive({ op: "subscribed", id: 1, now: 0 });
    newest().receive({ op: "subscribed", id: 1, now: 0 });
    expect(gap).toHaveBeenCalledTimes(1);
  });

  it("says that it polls after three failures, and keeps trying", () => {
    connection.subscribe({ topic: "applications" }, vi.fn(), vi.fn());
    for (let i = 0; i < 3; i += 1) {
      newest().lose();
      vi.advanceTimersByTime(30_000);
    }
    expect(connection.status).toBe("polling");
    newest().open();
    expect(connection.status).toBe("live");
  });

  it("takes for the confirmation of a change the last one only", () => {
    const heard: string[] = [];
    const standing = connection.subscribe({ topic: "applications" }, ({ op }) => heard.push(op), vi.fn());
    newest().open();
    standing.change({ topic: "alerts" });
    expect(newest().sent.slice(1)).toEqual([{ op: "subscribe", id: 1, topic: "alerts" }]);
    newest().receive({ op: "subscribed", id: 1, now: 0 });
    expect(heard).toEqual([]);
    newest().receive({ op: "subscribed", id: 1, now: 0 });
    expect(heard).toEqual(["subscribed"]);
    newest().lose();
    vi.advanceTimersByTime(2000);
    newest().open();
    expect(newest().sent, "what was changed is what is asked for again").toEqual([{ op: "subscribe", id: 1, topic: "alerts" }]);
    standing.end();
    expect(newest().sent.slice(1)).toEqual([{ op: "unsubscribe", id: 1 }]);
  });

  it("hands on what is wrong with one query of many, and asks again for what was refused as a whole", () => {
    const [gap, heard] = [vi.fn(), vi.fn()];
    connection.subscribe({ topic: "metrics", queries: {} }, heard, gap);
    newest().open();
    const error = { code: "unavailable", message: "", where: "" } as const;
    newest().receive({ op: "error", id: 1, error, query: "q1" });
    expect([gap.mock.calls.length, heard.mock.calls.length]).toEqual([0, 1]);
    newest().receive({ op: "error", id: 1, error });
    expect([gap.mock.calls.length, heard.mock.calls.length]).toEqual([1, 1]);
  });

  it("asks for the history again when messages were dropped", () => {
    const gap = vi.fn();
    connection.subscribe({ topic: "applications" }, vi.fn(), gap);
    newest().open();
    newest().receive({ op: "dropped", id: 1, count: 3 });
    expect(gap).toHaveBeenCalledTimes(1);
  });

  it.each(["<html>", "null", "[]", '{"op":"points","id":1}', '{"op":"surprise","id":1}', '{"op":"points","series":[]}'])(
    "asks again, once, for what the frame %s may have held",
    (frame) => {
      const [gap, heard] = [vi.fn(), vi.fn()];
      connection.subscribe({ topic: "applications" }, heard, gap);
      newest().open();
      newest().onmessage?.({ data: frame });
      newest().onmessage?.({ data: frame });
      expect(gap).toHaveBeenCalledTimes(1);
      expect(heard).not.toHaveBeenCalled();
      newest().receive({ op: "applications", id: 1, applications: [] });
      expect(heard).toHaveBeenCalledTimes(1);
      expect(connection.status).toBe("live");
    },
  );

  it("gives up on a socket that neither opens nor closes", () => {
    connection.subscribe({ topic: "applications" }, vi.fn(), vi.fn());
    vi.advanceTimersByTime(5_000);
    expect(connection.status).toBe("reconnecting");
    vi.advanceTimersByTime(2_000);
    expect(FakeSocket.all).toHaveLength(2);
  });

  it("tells when the session has ended, and connects at once after a login", () => {
    const ended = vi.fn();
    connection.onSessionEnd(ended);
    connection.open();
    newest().open();
    newest().lose();
    expect(ended).not.toHaveBeenCalled();
    connection.wake();
    newest().lose(4401);
    expect(ended).toHaveBeenCalledTimes(1);
    connection.wake();
    newest().open();
    expect(connection.status).toBe("live");
  });
});
