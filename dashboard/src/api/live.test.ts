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
