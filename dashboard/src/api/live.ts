/**
 * The live connection: one WebSocket for the whole page (docs/http-api.md, "Live").
 *
 * A lost connection comes back by itself, with growing pauses and jitter; then every subscription is made again and its
 * owner is told to ask for what it missed. Where sockets do not get through, the page polls meanwhile. A frame that cannot
 * be read may have held anything, so every owner asks again, once for each connection.
 */
import type { LogsQuery } from "./logs";
import { readMessage, type ServerMessage } from "./messages";
import type { MetricsQuery } from "./metrics";

export type LiveStatus = "connecting" | "live" | "reconnecting" | "polling";

/** What a subscription is about; one of metrics has all queries of a view, by names of the page's choice. */
export type Topic =
  | { topic: "metrics"; queries: Readonly<Record<string, MetricsQuery>> }
  | { topic: "logs"; query: LogsQuery }
  | { topic: "applications" }
  | { topic: "alerts" };

export interface Standing {
  /** Ask for something else; what both ask for is told on without a gap. */
  change: (topic: Topic) => void;
  end: () => void;
}

interface Subscription {
  topic: Topic;
  onMessage: (message: ServerMessage) => void;
  /** Messages may have been missed: ask for the history again. */
  onGap: () => void;
  /** It was made anew after a loss: what came before it stands may be missing. */
  again: boolean;
  /** How often it was asked for and not yet confirmed: only the last confirmation is of what is asked for now. */
  unconfirmed: number;
}

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 30_000;
const TRIES_BEFORE_POLLING = 3;
/** A proxy that swallows the upgrade neither opens nor closes the socket. */
const OPENING_MILLISECONDS = 5_000;
/** argus/server/routes/live.py: the session has ended, log in again. */
const SESSION_ENDED = 4401;

export class LiveConnection {
  private socket: WebSocket | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private opening: ReturnType<typeof setTimeout> | undefined;
  private failures = 0;
  private lastId = 0;
  private state: LiveStatus = "connecting";
  private readable = true;
  private readonly subscriptions = new Map<number | string | null, Subscription>();
  private readonly listeners = new Set<(status: LiveStatus) => void>();
  private readonly enders = new Set<() => void>();

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

  /** The server has closed the connection because the session is over. */
  onSessionEnd(listener: () => void): () => void {
    this.enders.add(listener);
    return () => this.enders.delete(listener);
  }

  subscribe(topic: Topic, onMessage: Subscription["onMessage"], onGap: () => void): Standing {
    this.lastId += 1;
    const id = this.lastId;
    const subscription = { topic, onMessage, onGap, again: false, unconfirmed: 0 };
    this.subscriptions.set(id, subscription);
    this.open();
    this.ask(id, subscription);
    return {
      change: (next) => {
        subscription.topic = next;
        this.ask(id, subscription);
      },
      end: () => {
        this.subscriptions.delete(id);
        this.send({ op: "unsubscribe", id });
      },
    };
  }

  /** Connect if need be. */
  open(): void {
    if (this.socket !== null || this.timer !== undefined) return;
    const socket = this.makeSocket(this.url());
    this.socket = socket;
    socket.onopen = () => this.opened();
    socket.onmessage = (event: MessageEvent<unknown>) => this.received(event.data);
    socket.onclose = (event: CloseEvent | undefined) => this.closed(event?.code);
    this.opening = setTimeout(() => this.abandon(socket), OPENING_MILLISECONDS);
  }

  /** Connect now, without waiting for the pause to end: after a login, or when the network is back. */
  wake(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.open();
  }

  close(): void {
    clearTimeout(this.timer);
    clearTimeout(this.opening);
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
    clearTimeout(this.opening);
    this.failures = 0;
    this.readable = true;
    this.setState("live");
    for (const [id, subscription] of this.subscriptions) {
      subscription.again ||= again;
      subscription.unconfirmed = 0;
      this.ask(id, subscription);
    }
  }

  private received(data: unknown): void {
    const message = readMessage(data);
    if (message === null) {
      if (this.readable) for (const { onGap } of this.subscriptions.values()) onGap();
      this.readable = false;
      return;
    }
    const subscription = this.subscriptions.get(message.id);
    if (subscription === undefined) return;
    const refused = message.op === "error" && message.query === undefined;
    if (message.op === "subscribed" || refused) subscription.unconfirmed = Math.max(0, subscription.unconfirmed - 1);
    if (message.op === "subscribed" && subscription.unconfirmed > 0) return;
    const missed = message.op === "dropped" || refused || (message.op === "subscribed" && subscription.again);
    if (message.op === "subscribed") subscription.again = false;
    if (missed) subscription.onGap();
    else subscription.onMessage(message);
  }

  private abandon(socket: WebSocket): void {
    socket.onclose = null;
    socket.close();
    this.closed();
  }

  private closed(code?: number): void {
    clearTimeout(this.opening);
    this.socket = null;
    this.failures += 1;
    this.setState(this.failures >= TRIES_BEFORE_POLLING ? "polling" : "reconnecting");
    if (code === SESSION_ENDED) for (const listener of this.enders) listener();
    const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** this.failures) * (0.5 + Math.random() / 2);
    this.timer = setTimeout(() => this.wake(), pause);
  }

  private ask(id: number | string | null, subscription: Subscription): void {
    if (this.send({ op: "subscribe", id, ...subscription.topic })) subscription.unconfirmed += 1;
  }

  private send(message: object): boolean {
    if (this.socket?.readyState !== 1) return false;
    this.socket.send(JSON.stringify(message));
    return true;
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
