import { setTimeout as sleep } from 'node:timers/promises';
import { findEventType } from '@millrace/contracts';
import type { Catalogue, EventType, Logger } from '@millrace/contracts';
import { encodeEventHeaders } from '@millrace/event';
import type { EventAttributes, Position } from '@millrace/event';
import type { LogWriter, RecordToWrite } from '@millrace/kafka';
import { eventKey, InvalidEventError, parseJsonPayload } from '@millrace/schema-registry';
import type { EventCodec } from '@millrace/schema-registry';
import type { IncomingEvent } from './envelope';
import { EventTypeNotFoundError, ProducerStartingError } from './errors';
import type { OnceWriter } from './idempotency/once-writer';
import { nearestNames } from './nearest-names';

const RETRY_MS = 1_000;

/** An event as the log takes it. */
export interface PreparedEvent extends RecordToWrite {
  readonly attributes: EventAttributes;
}

/**
 * The one way from an incoming event into the log: known type, valid payload, encoded once, appended. Whatever
 * way in there is, it ends here.
 */
export class WritePath {
  private waitingFor: string | undefined = 'The schema registry has not answered yet.';
  private readonly closing = new AbortController();
  private readonly stop = new AbortController();

  constructor(
    readonly catalogue: Catalogue,
    private readonly codec: EventCodec,
    private readonly writer: LogWriter,
    private readonly log: Logger,
    /** For topics with an idempotency window; undefined when there are none. */
    private readonly idempotent?: OnceWriter,
  ) {}

  /**
   * Looks up the schemas, again and again until they are known; from then on the registry is not needed. Resolves when events
   * of topics with a window can be reserved, too; others are taken before that.
   */
  async start(): Promise<void> {
    const reserving = this.idempotent?.start();
    while (!this.closing.signal.aborted) {
      try {
        await this.codec.prepare();
        this.waitingFor = undefined;
        break;
      } catch (error) {
        this.waitingFor = error instanceof Error ? error.message : String(error);
        this.log.warn({ error: this.waitingFor }, 'schemas cannot be looked up yet, trying again');
        await sleep(RETRY_MS, undefined, { signal: this.closing.signal }).catch(() => undefined);
      }
    }
    await reserving;
  }

  /** For readiness. @throws an error that says why the schemas are not known yet. */
  checkSchemas(): void {
    if (this.waitingFor !== undefined) throw new Error(this.waitingFor);
  }

  /** Resolves when a broker answers now. */
  checkKafka(): Promise<void> {
    return this.writer.ping();
  }

  /** Whether any topic has an idempotency window. */
  get hasWindows(): boolean {
    return this.idempotent !== undefined;
  }

  /**
   * For readiness: whether topics with an idempotency window can be published to. When they cannot and there are others, that
   * is a detail: the others go on. @throws Error with the reason when there are no others.
   */
  async checkIdempotency(): Promise<Record<string, unknown>> {
    const reason = await this.idempotent?.unavailable();
    if (reason === undefined) return {};
    const affected = this.catalogue.topics
      .filter(({ name }) => this.idempotent?.covers(name))
      .map(({ name }) => name);
    if (affected.length === this.catalogue.topics.length) throw new Error(reason);
    return { unavailable: affected, reason };
  }

  /** @throws EventTypeNotFoundError with the nearest known names. */
  eventType(name: string): EventType {
    const found = findEventType(this.catalogue, name);
    if (found !== undefined) return found;
    throw new EventTypeNotFoundError(
      name,
      nearestNames(
        name,
        this.catalogue.events.map(({ type }) => type),
      ),
    );
  }

  /**
   * All that precedes the log: known type, valid payload, encoded. Synchronous, and without any effect.
   * @throws EventTypeNotFoundError, InvalidEventError, ProducerStartingError
   */
  prepare({ attributes, data }: IncomingEvent): PreparedEvent {
    const type = this.eventType(attributes.type);
    const parsed = parseJsonPayload(type, data);
    if (!parsed.ok) throw new InvalidEventError({ topic: type.topic, type: type.type }, parsed.problems);
    if (this.waitingFor !== undefined) throw new ProducerStartingError(this.waitingFor);
    return {
      topic: type.topic,
      key: eventKey(type, parsed.value),
      value: this.codec.encode(type, parsed.value),
      ...encodeEventHeaders(attributes),
      attributes,
    };
  }

  /**
   * Resolves with the event's place when the log has it; in the order of the calls. An event of a topic with an idempotency
   * window that was sent before gets the place of its first sending.
   * @throws the writer's errors, and for such a topic those of the idempotent writer.
   */
  append(event: PreparedEvent): Promise<Position> {
    if (this.idempotent?.covers(event.topic) === true) {
      return this.idempotent.append(event, event.attributes);
    }
    return this.writer.append(event);
  }

  /**
   * Publishes one event; resolves with its place when the log has it. All that precedes the append is
   * synchronous, so that events of one key are appended in the order of the calls.
   * @throws what `prepare` throws, at once; rejects as `append` does
   */
  publish(event: IncomingEvent): Promise<Position> {
    return this.append(this.prepare(event));
  }

  /** See `LogWriter.room`. */
  room(): Promise<void> | undefined {
    return this.writer.room() ?? this.idempotent?.room();
  }

  /** Aborts when a stop begins: what goes on for long takes no more from then on. */
  get stopping(): AbortSignal {
    return this.stop.signal;
  }

  /** Begins a stop: whoever waits for the log has an answer within this time. */
  stopWithin(withinMs: number): void {
    this.writer.answerAllWithin(withinMs);
    this.idempotent?.answerAllWithin(withinMs);
    this.stop.abort();
  }

  async close(): Promise<void> {
    this.closing.abort();
    await Promise.all([this.writer.close(), this.idempotent?.close()]);
  }
}
