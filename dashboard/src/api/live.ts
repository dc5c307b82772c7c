/**
 * The live connection: one WebSocket for the whole page (docs/http-api.md, "Live").
 *
 * A lost connection comes back by itself, with growing pauses and jitter; then every subscription is made again and its
 * owner is told to ask for the history again. Where sockets do not get through, the page polls meanwhile.
 */
import type { Line } from "../lib/points";
import type { Application } from "./applications";
import type { LogLine, LogsQuery } from "./logs";
import type { MetricsQuery } from "./metrics";

export type LiveStatus = "connecting" | "live" | "reconnecting" | "polling";

export type ServerMessage =
  | { op: "subscribed"; id: number; now: number }
  | { op: "points"; id: number; series: Line[] }
  | { op: "logs"; id: number; logs: LogLine[] }
  | { op: "applications"; id: number; applications: Application[] }
  | { op: "dropped"; id: number; count: number }
  | { op: "error"; id: number | null; error: { code: string; message: string; where: string } };

export type Topic =
  | { topic: "metrics"; query: MetricsQuery }
  | { topic: "logs"; query: LogsQuery }
  | { topic: "applications" };

interface Subscription {
  topic: Topic;
  onMessage: (message: ServerMessage) => void;
  /** Messages may have been missed: ask for the history again. */
  onGap: () => void;
}

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 30_000;
const TRIES_BEFORE_POLLING = 3;

export class LiveConnection {
  private socket: WebSocket | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private failures = 0;
  private lastId = 0;
  private state: LiveStatus = "connecting";
  private readonly subscriptions = new Map<number, Subscription>();
  private readonly listeners = new Set<(status: LiveStatus) => void>();

  constructor(
    private readonly url: () => string,
    private readonly makeSocket: (url: string) => WebSocket = (url) => new WebSocket(url),
  ) {}

  get status(): LiveStatus {
    return this.state;
  }

  onStatus(listener: (status: LiveStatus) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  subscribe(topic: Topic, onMessage: Subscription["onMessage"], onGap: () => void): () => void {
    this.lastId += 1;
    const id = this.lastId;
    this.subscriptions.set(id, { topic, onMessage, onGap });
    this.open();
    this.send({ op: "subscribe", id, ...topic });
    return () => {
      this.subscriptions.delete(id);
      this.send({ op: "unsubscribe", id });
    };
  }

  /** Connect if need be: also after login, when an earlier try was refused. */
  open(): void {
    if (this.socket !== null || this.timer !== undefined) return;
    const socket = this.makeSocket(this.url());
    this.socket = socket;
    socket.onopen = () => this.opened();
    socket.onmessage = (event: MessageEvent<string>) => this.received(event.data);
    socket.onclose = () => this.closed();
  }

  close(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const socket = this.socket;
    this.socket = null;
    if (socket !== null) {
      socket.onclose = null;
      socket.close();
    }
    this.setState("connecting");
  }

  private opened(): void {
    const again = this.state === "reconnecting" || this.state === "polling";
    this.failures = 0;
    this.setState("live");
    for (const [id, { topic, onGap }] of this.subscriptions) {
      this.send({ op: "subscribe", id, ...topic });
      if (again) onGap();
    }
  }

  private received(data: string): void {
    let message: ServerMessage;
    try {
      message = JSON.parse(data) as ServerMessage;
    } catch {
      return; // a frame that is no JSON is no message; the next one is
    }
    const subscription = this.subscriptions.get(message.id ?? -1);
    if (subscription === undefined) return;
    if (message.op === "dropped") subscription.onGap();
    else subscription.onMessage(message);
  }

  private closed(): void {
    this.socket = null;
    this.failures += 1;
    this.setState(this.failures >= TRIES_BEFORE_POLLING ? "polling" : "reconnecting");
    const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** this.failures) * (0.5 + Math.random() / 2);
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.open();
    }, pause);
  }

  private send(message: object): void {
    if (this.socket?.readyState === 1) this.socket.send(JSON.stringify(message));
  }

  private setState(state: LiveStatus): void {
    if (state === this.state) return;
    this.state = state;
    for (const listener of this.listeners) listener(state);
  }
}

export const live = new LiveConnection(() => {
  const url = new URL("ws/dashboard", document.baseURI);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.toString();
});
