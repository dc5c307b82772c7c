import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { ServerMessage } from "./live";
import { LiveConnection } from "./live";

/** The browser's socket, as far as the connection uses it; the real one is used in tests/e2e. */
class FakeSocket {
  static all: FakeSocket[] = [];
  readyState = 0;
  sent: Record<string, unknown>[] = [];
  onopen: (() => void) | null = null;
  onclose: (() => void) | null = null;
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
  lose(): void {
    this.readyState = 3;
    this.onclose?.();
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

  it("survives a frame that is no JSON", () => {
    connection.subscribe({ topic: "applications" }, vi.fn(), vi.fn());
    newest().open();
    newest().onmessage?.({ data: "<html>" });
    expect(connection.status).toBe("live");
  });
});
