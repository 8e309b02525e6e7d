import {
  AbortListeners,
  PublishAbortedError,
  PublishDeadlineError,
  PublisherClosedError,
  PublishRefusedError,
  stampEvent,
} from '@millrace/client';
import type { CloseOptions, Published, Publisher, PublishOptions, StampedEvent } from '@millrace/client';
import { catalogue as everything, noLogger } from '@millrace/contracts';
import type { Catalogue, EventType, Logger } from '@millrace/contracts';
import { encodeEventHeaders, formatPosition } from '@millrace/event';
import { createKafkaClient, LogWriter } from '@millrace/kafka';
import type { RecordToWrite } from '@millrace/kafka';
import { EventCodec, eventKey, RegistryClient } from '@millrace/schema-registry';
import { checkAttributes } from './check-attributes';
import { toPublishError } from './publish-errors';

export interface KafkaPublisherOptions {
  /** `host:port` of at least one broker. */
  readonly brokers: readonly string[];
  /** The registry's Confluent-compatible API. It is needed at the start alone. */
  readonly registryUrl: string;
  /** Who says it: the source of every event that names none. */
  readonly source: string;
  /** Default: everything in @millrace/contracts. */
  readonly catalogue?: Catalogue;
  /** Shown in the broker's own logs and quotas. Default `millrace-client`. */
  readonly clientId?: string;
  /** A call has its answer after this time at the latest. Default 30,000 ms. */
  readonly deadlineMs?: number;
  /** What may wait for the log in all. Default 10,000 events, and 32 MiB. */
  readonly maxPendingEvents?: number;
  readonly maxPendingBytes?: number;
  /** Default: nothing is logged. */
  readonly log?: Logger;
}

/**
 * A publisher straight to Kafka, through the same writer and codec as the producer's: the same keys, partitions, headers and
 * bytes. Values are checked against their schemas in this process. Events of topics with an idempotency window are refused: they
 * go over HTTP. Resolves once the schemas are known; Kafka itself may
 * still be away.
 * @throws SchemaNotRegisteredError, SchemaUnreadableError, RegistryUnreachableError (retriable)
 */
export async function kafkaPublisher(options: KafkaPublisherOptions): Promise<Publisher> {
  const { brokers, catalogue = everything, clientId = 'millrace-client', log = noLogger } = options;
  const codec = new EventCodec(catalogue, new RegistryClient({ url: options.registryUrl }));
  await codec.prepare();
  const writer = new LogWriter(createKafkaClient({ brokers, clientId, log }), {
    deadlineMs: options.deadlineMs ?? 30_000,
    maxPendingRecords: options.maxPendingEvents ?? 10_000,
    maxPendingBytes: options.maxPendingBytes ?? 32 * 1024 * 1024,
    log,
  });
  return new KafkaPublisher({ codec, writer, source: options.source, windowed: windowedTopics(catalogue) });
}

function windowedTopics({ topics }: Catalogue): ReadonlySet<string> {
  return new Set(topics.filter(({ idempotency }) => idempotency !== undefined).map(({ name }) => name));
}

interface KafkaPublisherParts {
  readonly codec: EventCodec;
  readonly writer: LogWriter;
  readonly source: string;
  /** Topics with an idempotency window: their events have to be reserved, which the producer service does. */
  readonly windowed: ReadonlySet<string>;
}

class KafkaPublisher implements Publisher {
  private readonly underWay = new Set<Promise<Published>>();
  private readonly aborts = new AbortListeners();
  private closed: Promise<void> | undefined;

  constructor(private readonly parts: KafkaPublisherParts) {}

  /** All that precedes the append is synchronous, so that events of one key are appended in the order of the calls. */
  async publish<T>(type: EventType<T>, value: T, options: PublishOptions = {}): Promise<Published> {
    const event = stampEvent(type, options, this.parts.source);
    if (this.closed !== undefined) throw new PublisherClosedError(event);
    if (options.signal?.aborted === true) {
      throw new PublishAbortedError(event, 'not-written', options.signal.reason);
    }
    const call = this.write(event, this.encode(type, value, event), options);
    this.underWay.add(call);
    try {
      return await call;
    } finally {
      this.underWay.delete(call);
    }
  }

  room(): Promise<void> | undefined {
    return this.parts.writer.room();
  }

  async flush(): Promise<void> {
    await Promise.allSettled(this.underWay);
  }

  close({ withinMs }: CloseOptions = {}): Promise<void> {
    if (withinMs !== undefined) this.parts.writer.answerAllWithin(withinMs);
    return (this.closed ??= this.flush().then(() => this.parts.writer.close()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private encode<T>(type: EventType<T>, value: T, event: StampedEvent): RecordToWrite {
    if (this.parts.windowed.has(type.topic)) {
      const detail = `${type.topic} has an idempotency window, which the producer service keeps: publish to it over HTTP.`;
      throw new PublishRefusedError(event, {
        outcome: 'refused',
        problem: { title: 'Topic with a window', detail },
      });
    }
    const checked = checkAttributes(event);
    if (!checked.ok) {
      const list = checked.problems.map(({ path, expected }) => `${path}: expected ${expected}`).join('; ');
      const problem = { title: 'Event envelope invalid', detail: list, errors: checked.problems };
      throw new PublishRefusedError(event, { outcome: 'refused', problem });
    }
    try {
      return {
        topic: type.topic,
        value: this.parts.codec.encode(type, value),
        key: eventKey(type, value),
        ...encodeEventHeaders(checked.attributes),
      };
    } catch (error) {
      throw toPublishError(event, error, 0);
    }
  }

  private async write(
    event: StampedEvent,
    record: RecordToWrite,
    options: PublishOptions,
  ): Promise<Published> {
    const startedAt = performance.now();
    try {
      const position = await this.orGivenUp(this.parts.writer.append(record), event, options);
      const { id, source, type } = event;
      return { id, source, type, ...position, position: formatPosition(position) };
    } catch (error) {
      throw toPublishError(event, error, performance.now() - startedAt);
    }
  }

  /** A record that the writer has cannot be taken back: whoever gives it up first does not know what becomes of it. */
  private async orGivenUp<Result>(
    work: Promise<Result>,
    event: StampedEvent,
    { deadlineMs, signal }: PublishOptions,
  ): Promise<Result> {
    if (deadlineMs === undefined && signal === undefined) return work;
    const givenUp = Promise.withResolvers<never>();
    const abort = (): void => givenUp.reject(new PublishAbortedError(event, 'unknown', signal?.reason));
    const expire = (waitedMs: number): void =>
      givenUp.reject(new PublishDeadlineError(event, 'unknown', { waitedMs }));
    const timer = deadlineMs === undefined ? undefined : setTimeout(expire, deadlineMs, deadlineMs);
    if (signal !== undefined) this.aborts.add(signal, abort);
    try {
      return await Promise.race([work, givenUp.promise]);
    } finally {
      clearTimeout(timer);
      if (signal !== undefined) this.aborts.delete(signal, abort);
    }
  }
}
