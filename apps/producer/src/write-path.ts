import { setTimeout as sleep } from 'node:timers/promises';
import { findEventType } from '@millrace/contracts';
import type { Catalogue, EventType, Logger } from '@millrace/contracts';
import { encodeEventHeaders } from '@millrace/event';
import type { Position } from '@millrace/event';
import type { LogWriter, RecordToWrite } from '@millrace/kafka';
import { eventKey, InvalidEventError, parseJsonPayload } from '@millrace/schema-registry';
import type { EventCodec } from '@millrace/schema-registry';
import type { IncomingEvent } from './envelope';
import { EventTypeNotFoundError, ProducerStartingError } from './errors';
import { nearestNames } from './nearest-names';

const RETRY_MS = 1_000;

/**
 * The one way from an incoming event into the log: known type, valid payload, encoded once, appended. Whatever
 * way in there is, it ends here.
 */
export class WritePath {
  private waitingFor: string | undefined = 'The schema registry has not answered yet.';
  private readonly closing = new AbortController();
  private readonly stop = new AbortController();

  constructor(
    private readonly catalogue: Catalogue,
    private readonly codec: EventCodec,
    private readonly writer: LogWriter,
    private readonly log: Logger,
  ) {}

  /** Looks up the schemas, again and again until they are known; from then on the registry is not needed. */
  async start(): Promise<void> {
    while (!this.closing.signal.aborted) {
      try {
        await this.codec.prepare();
        this.waitingFor = undefined;
        return;
      } catch (error) {
        this.waitingFor = error instanceof Error ? error.message : String(error);
        this.log.warn({ error: this.waitingFor }, 'schemas cannot be looked up yet, trying again');
        await sleep(RETRY_MS, undefined, { signal: this.closing.signal }).catch(() => undefined);
      }
    }
  }

  /** For readiness. @throws an error that says why the schemas are not known yet. */
  checkSchemas(): void {
    if (this.waitingFor !== undefined) throw new Error(this.waitingFor);
  }

  /** Resolves when a broker answers now. */
  checkKafka(): Promise<void> {
    return this.writer.ping();
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
  prepare(event: IncomingEvent): RecordToWrite {
    const type = this.eventType(event.attributes.type);
    const parsed = parseJsonPayload(type, event.data);
    if (!parsed.ok) throw new InvalidEventError({ topic: type.topic, type: type.type }, parsed.problems);
    if (this.waitingFor !== undefined) throw new ProducerStartingError(this.waitingFor);
    return {
      topic: type.topic,
      key: eventKey(type, parsed.value),
      value: this.codec.encode(type, parsed.value),
      ...encodeEventHeaders(event.attributes),
    };
  }

  /** Resolves with the record's place when the log has it; in the order of the calls. @throws the writer's errors. */
  append(record: RecordToWrite): Promise<Position> {
    return this.writer.append(record);
  }

  /**
   * Publishes one event; resolves with its place when the log has it. All that precedes the append is
   * synchronous, so that events of one key are appended in the order of the calls.
   * @throws what `prepare` and `append` throw
   */
  async publish(event: IncomingEvent): Promise<Position> {
    return this.append(this.prepare(event));
  }

  /** See `LogWriter.room`. */
  room(): Promise<void> | undefined {
    return this.writer.room();
  }

  /** Aborts when a stop begins: what goes on for long takes no more from then on. */
  get stopping(): AbortSignal {
    return this.stop.signal;
  }

  /** Begins a stop: whoever waits for the log has an answer within this time. */
  stopWithin(withinMs: number): void {
    this.writer.answerAllWithin(withinMs);
    this.stop.abort();
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.writer.close();
  }
}
