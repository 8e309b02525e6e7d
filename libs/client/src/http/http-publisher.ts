import type { EventType } from '@millrace/contracts';
import { AbortListeners } from '../abort-listeners';
import { PublisherClosedError, PublisherFullError, PublishRefusedError } from '../errors';
import type { CloseOptions, Published, Publisher, PublishOptions } from '../publisher';
import { stampEvent } from '../stamp-event';
import type { StampedEvent } from '../stamp-event';
import { Connection } from './connection';
import { Lane } from './lane';
import type { Sent } from './lane';
import { PendingEvent } from './pending-event';
import { printEvent } from './print-event';
import { readAnswer } from './read-answer';

export interface HttpPublisherOptions {
  /** Base address of a producer, `http:` or `https:`. Of several, another one is asked after each that failed. */
  readonly url: string | readonly string[];
  /** Who says it: the source of every event that names none. A URI reference, such as `/services/orders`. */
  readonly source: string;
  /** A call has its answer after this time at the latest. Default 30,000 ms. */
  readonly deadlineMs?: number;
  /** A request without a whole answer is given up after this time. Default 15,000 ms: producers answer within 10,000. */
  readonly requestTimeoutMs?: number;
  /**
   * Requests under way at once, each on a connection of its own. A key belongs to one of them, so what holds up one request
   * holds up one of so many keys. Default 4.
   */
  readonly connections?: number;
  /** Default 500, and 1,000,000 bytes. */
  readonly maxBatchEvents?: number;
  readonly maxBatchBytes?: number;
  /** What may wait for its answer in all. Default 10,000 events, and 32 MiB. */
  readonly maxPendingEvents?: number;
  readonly maxPendingBytes?: number;
  /** Waits between tries are drawn from 0 to this, doubled with each failure in a row. Default 100 to 5,000 ms. */
  readonly backoff?: { readonly initialMs: number; readonly maxMs: number };
  /** Sent with every request, such as `authorization` for a gateway. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * A publisher through the producer's HTTP API. Connects when it is first needed and starts no work of its own.
 * @throws TypeError for an address that is no URL, RangeError for none.
 */
export function httpPublisher(options: HttpPublisherOptions): Publisher {
  return new HttpPublisher(options);
}

class HttpPublisher implements Publisher {
  private readonly urls: readonly URL[];
  private readonly connection: Connection;
  private readonly lanes: readonly Lane[];
  private readonly pending = new Set<PendingEvent>();
  private readonly aborts = new AbortListeners();
  private readonly closing = new AbortController();
  private readonly limits: { readonly events: number; readonly bytes: number };
  private pendingBytes = 0;
  private waitingForRoom: (() => void)[] = [];
  private closed: Promise<void> | undefined;
  /** Counts the events without a key. */
  private turn = 0;

  constructor(private readonly options: HttpPublisherOptions) {
    const { url, connections = 4, requestTimeoutMs = 15_000, headers = {} } = options;
    this.urls = [url].flat().map((each) => new URL(`${each.replace(/\/+$/, '')}/v1/events`));
    if (this.urls.length === 0)
      throw new RangeError('httpPublisher: expected the url of a producer, got none');
    if (connections < 1)
      throw new RangeError(`httpPublisher: expected at least 1 connection, got ${connections}`);
    this.connection = new Connection({ requestTimeoutMs, headers });
    this.limits = {
      events: options.maxPendingEvents ?? 10_000,
      bytes: options.maxPendingBytes ?? 32 * 1024 * 1024,
    };
    this.lanes = Array.from({ length: connections }, (_, index) => this.lane(index));
  }

  async publish<T>(type: EventType<T>, value: T, options: PublishOptions = {}): Promise<Published> {
    const stamped = stampEvent(type, options, this.options.source);
    if (this.closed !== undefined) throw new PublisherClosedError(stamped);
    const text = print(stamped, value);
    const sizeBytes = Buffer.byteLength(text);
    const { size: events } = this.pending;
    if (events >= this.limits.events || this.pendingBytes + sizeBytes > this.limits.bytes) {
      throw new PublisherFullError(stamped, { events, bytes: this.pendingBytes });
    }
    const key = keyOf(type, value);
    const event = new PendingEvent({
      type: type.type,
      id: stamped.id,
      text,
      sizeBytes,
      key,
      deadlineMs: options.deadlineMs ?? this.options.deadlineMs ?? 30_000,
      signal: options.signal,
      aborts: this.aborts,
      onSettled: (settled) => this.settle(settled),
    });
    if (!event.settled) {
      this.pending.add(event);
      this.pendingBytes += sizeBytes;
      this.laneOf(key).push(event);
    }
    return event.done;
  }

  room(): Promise<void> | undefined {
    if (this.hasRoom()) return undefined;
    return new Promise((resolve) => this.waitingForRoom.push(resolve));
  }

  async flush(): Promise<void> {
    await Promise.allSettled([...this.pending].map(({ done }) => done));
  }

  close({ withinMs }: CloseOptions = {}): Promise<void> {
    if (withinMs !== undefined) setTimeout(() => this.expireAll(), withinMs).unref();
    return (this.closed ??= this.shutDown());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private async shutDown(): Promise<void> {
    await this.flush();
    this.closing.abort();
    this.connection.close();
  }

  private expireAll(): void {
    for (const event of [...this.pending]) event.expire();
  }

  private lane(index: number): Lane {
    // Lanes begin at different producers, and move on when one fails.
    let turn = index;
    const { maxBatchEvents = 500, maxBatchBytes = 1_000_000 } = this.options;
    const { backoff = { initialMs: 100, maxMs: 5_000 } } = this.options;
    const send = async (batch: readonly PendingEvent[]): Promise<Sent> => {
      const sent = await this.send(this.urls[turn % this.urls.length] as URL, batch);
      if ('failure' in sent.answer) turn += 1;
      return sent;
    };
    return new Lane({ maxBatchEvents, maxBatchBytes, backoff, send, closing: this.closing.signal });
  }

  private async send(url: URL, batch: readonly PendingEvent[]): Promise<Sent> {
    let events = batch;
    const exchange = await this.connection.post(url, () => {
      events = batch.filter(({ settled }) => !settled);
      if (events.length === 0) return undefined;
      for (const event of events) event.sent();
      return `[${events.map(({ text }) => text).join(',')}]`;
    });
    const ids = events.map(({ id }) => id);
    return { events, answer: readAnswer(exchange, ids) };
  }

  private laneOf(key: string | undefined): Lane {
    const index = key === undefined ? this.turn++ : hash(key);
    return this.lanes[index % this.lanes.length] as Lane;
  }

  private settle(event: PendingEvent): void {
    if (!this.pending.delete(event)) return;
    this.pendingBytes -= event.sizeBytes;
    if (this.waitingForRoom.length > 0 && this.hasRoom()) {
      for (const resume of this.waitingForRoom.splice(0)) resume();
    }
  }

  private hasRoom(): boolean {
    return this.pending.size <= this.limits.events / 2 && this.pendingBytes <= this.limits.bytes / 2;
  }
}

function print(stamped: StampedEvent, value: unknown): string {
  try {
    return printEvent(stamped, value);
  } catch (cause) {
    const detail = `the value has no JSON form: ${cause instanceof Error ? cause.message : String(cause)}`;
    throw new PublishRefusedError(stamped, { outcome: 'refused', problem: { detail }, cause });
  }
}

/** What keeps order; undefined for a topic without keys. */
function keyOf({ topic, keyField }: EventType, value: unknown): string | undefined {
  if (keyField === undefined) return undefined;
  return `${topic}\n${String((value as Readonly<Record<string, unknown>>)[keyField])}`;
}

/** Spreads keys over lanes. It need not be Kafka's: the producer chooses the partition. */
function hash(text: string): number {
  let value = 0;
  for (let index = 0; index < text.length; index++) value = (value * 31 + text.charCodeAt(index)) | 0;
  return value >>> 0;
}
