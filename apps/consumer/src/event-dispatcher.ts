import type { MessageHandler } from '@nestjs/microservices';
import { MillraceError } from '@millrace/contracts';
import { RecordFailure, UndecodableRecordError } from '@millrace/delivery';
import type {
  ExternalDelivery,
  PartitionObserver,
  Transaction,
  TransactionalDelivery,
} from '@millrace/delivery';
import type { EventMetadata, LogRecord } from '@millrace/event';
import { readEvent } from '@millrace/reading';
import type { ReadEvent, Servers } from '@millrace/reading';
import { isObservable, lastValueFrom } from 'rxjs';

/** Gives the events of one group to the Nest methods that handle them. */
export class EventDispatcher {
  /** `handlers`: by event type. */
  constructor(
    private readonly codec: Servers['codec'],
    private readonly handlers: ReadonlyMap<string, MessageHandler>,
  ) {}

  /** One record after the other, within a transaction. @throws RecordFailure that names the one that failed */
  async runAll(
    records: readonly LogRecord[],
    context: { readonly transaction: Transaction; readonly signal: AbortSignal },
    observer: PartitionObserver,
  ): Promise<void> {
    for (const record of records) {
      context.signal.throwIfAborted();
      try {
        await this.run(record, observer, (metadata): TransactionalDelivery => ({ ...context, metadata }));
      } catch (error) {
        throw new RecordFailure(record, error);
      }
    }
  }

  /** @throws UndecodableRecordError, or what the handler throws */
  async run(
    record: LogRecord,
    observer: PartitionObserver,
    deliveryOf: (metadata: EventMetadata) => TransactionalDelivery | ExternalDelivery,
  ): Promise<void> {
    const event = this.read(record);
    const handler = this.handlers.get(event.type);
    // The start checked that a type without a handler is one that the group ignores.
    if (handler === undefined) return;
    const delivery = deliveryOf(event.metadata);
    const startedAt = performance.now();
    let outcome: 'done' | 'failed' = 'failed';
    try {
      const result: unknown = await handler(event.payload, delivery);
      if (isObservable(result)) await lastValueFrom(result, { defaultValue: undefined });
      outcome = 'done';
    } finally {
      observer.processed((performance.now() - startedAt) / 1_000, outcome);
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
