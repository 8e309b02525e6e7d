import type { MessageHandler } from '@nestjs/microservices';
import { MillraceError } from '@millrace/contracts';
import { RecordFailure, UndecodableRecordError } from '@millrace/delivery';
import type {
  ExternalDelivery,
  PartitionObserver,
  Transaction,
  TransactionalBatchDelivery,
  TransactionalDelivery,
} from '@millrace/delivery';
import type { EventMetadata, LogRecord } from '@millrace/event';
import { readEvent } from '@millrace/reading';
import type { ReadEvent, Servers } from '@millrace/reading';
import { isObservable, lastValueFrom } from 'rxjs';

/** How the events of one type are handled. */
export interface EventHandler {
  readonly call: MessageHandler;
  /** Whether it takes many at once. */
  readonly isBatch: boolean;
}

interface Work {
  readonly transaction: Transaction;
  readonly signal: AbortSignal;
}

/** Events of one type that follow each other, with the records that they came in. */
interface Batch {
  readonly type: string;
  readonly handler: EventHandler;
  readonly records: LogRecord[];
  readonly payloads: unknown[];
  readonly metadata: EventMetadata[];
}

/** Gives the events of one group to the Nest methods that handle them. */
export class EventDispatcher {
  /** `handlers`: by event type. */
  constructor(
    private readonly codec: Servers['codec'],
    private readonly handlers: ReadonlyMap<string, EventHandler>,
  ) {}

  /**
   * Within a transaction, in order. @throws RecordFailure that names the record that failed, or, from a batch handler that was
   * given more than one, what it threw.
   */
  async runAll(records: readonly LogRecord[], work: Work, observer: PartitionObserver): Promise<void> {
    let batch: Batch | undefined;
    for (const record of records) {
      work.signal.throwIfAborted();
      const event = this.readNamed(record);
      const handler = this.handlers.get(event.type);
      if (batch !== undefined && event.type !== batch.type) {
        await this.runBatch(batch, work, observer);
        batch = undefined;
      }
      // The start checked that a type without a handler is one that the group ignores.
      if (handler === undefined) continue;
      if (handler.isBatch) {
        batch ??= { type: event.type, handler, records: [], payloads: [], metadata: [] };
        batch.records.push(record);
        batch.payloads.push(event.payload);
        batch.metadata.push(event.metadata);
        continue;
      }
      const delivery: TransactionalDelivery = { ...work, metadata: event.metadata };
      try {
        await this.call(handler, { payload: event.payload, delivery }, observer);
      } catch (error) {
        throw new RecordFailure(record, error);
      }
    }
    if (batch !== undefined) await this.runBatch(batch, work, observer);
  }

  /** One event, outside of a transaction. @throws UndecodableRecordError, or what the handler throws */
  async run(
    record: LogRecord,
    observer: PartitionObserver,
    deliveryOf: (metadata: EventMetadata) => ExternalDelivery,
  ): Promise<void> {
    const event = this.read(record);
    const handler = this.handlers.get(event.type);
    if (handler === undefined) return;
    await this.call(handler, { payload: event.payload, delivery: deliveryOf(event.metadata) }, observer);
  }

  private async runBatch(batch: Batch, work: Work, observer: PartitionObserver): Promise<void> {
    const { handler, records, payloads, metadata } = batch;
    const delivery: TransactionalBatchDelivery = { ...work, metadata };
    try {
      await this.call(handler, { payload: payloads, delivery }, observer);
    } catch (error) {
      const [only, another] = records;
      throw only !== undefined && another === undefined ? new RecordFailure(only, error) : error;
    }
  }

  private async call(
    { call }: EventHandler,
    { payload, delivery }: { readonly payload: unknown; readonly delivery: unknown },
    observer: PartitionObserver,
  ): Promise<void> {
    const startedAt = performance.now();
    let outcome: 'done' | 'failed' = 'failed';
    try {
      const result: unknown = await call(payload, delivery);
      if (isObservable(result)) await lastValueFrom(result, { defaultValue: undefined });
      outcome = 'done';
    } finally {
      observer.processed((performance.now() - startedAt) / 1_000, outcome);
    }
  }

  private readNamed(record: LogRecord): ReadEvent {
    try {
      return this.read(record);
    } catch (error) {
      throw new RecordFailure(record, error);
    }
  }

  private read(record: LogRecord): ReadEvent {
    try {
      return readEvent(this.codec, record);
    } catch (error) {
      const isLasting = error instanceof MillraceError && !error.retriable;
      throw isLasting ? new UndecodableRecordError(record, record.offset, error) : error;
    }
  }
}
