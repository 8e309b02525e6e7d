import type { Logger } from '@millrace/contracts';
import { MillraceError } from '@millrace/contracts';
import type { TopicPartition } from '@millrace/event';
import type { Drain } from '../parking/drain-loop';
import type { DeadRecord, UnpublishedDeadLetters } from '../parking/parking-lot';
import { deadLetterRecord } from './dead-letter-record';
import type { DeadLetterRecord } from './dead-letter-record';

export interface DeadLetterPublisherOptions {
  readonly group: string;
  readonly letters: UnpublishedDeadLetters;
  /** Of the partition's owner. */
  readonly epoch: () => bigint;
  /** Resolves once the record is in the group's topic of dead letters. */
  readonly publish: (record: DeadLetterRecord) => Promise<void>;
  readonly log: Logger;
}

const ROUND = 100;

/**
 * Copies the dead letters of a partition to the topic of its group: at least once, oldest first. The dead letter itself stays in
 * the parking lot; a copy that the broker will never take is given up, and noted.
 */
export class DeadLetterPublisher implements Drain {
  constructor(
    private readonly at: TopicPartition,
    private readonly options: DeadLetterPublisherOptions,
  ) {}

  async round(signal: AbortSignal): Promise<boolean> {
    const { letters, epoch } = this.options;
    const dead = await letters.unpublished(this.at, { epoch: epoch(), limit: ROUND });
    for (const record of dead) {
      signal.throwIfAborted();
      await letters.notePublished(record, await this.copy(record));
    }
    return dead.length === ROUND;
  }

  private async copy(record: DeadRecord): Promise<'published' | 'refused'> {
    const { group, publish, log } = this.options;
    const { topic, partition, offset, timestampMs, key, value, reason, failedAt } = record;
    try {
      await publish(
        deadLetterRecord({
          ...{ group, topic, partition, offset, timestampMs, key, value, failedAt },
          headers: record.rawHeaders(),
          error: { name: reason.name, message: reason.message, stack: reason.stack },
          attempts: reason.attempts,
          reason: reason.kind,
        }),
      );
      return 'published';
    } catch (error) {
      if (!(error instanceof MillraceError) || error.code !== 'RECORD_REFUSED') throw error;
      log.error(
        { group, topic, partition, offset: String(offset), error: error.message },
        'the topic of dead letters does not take a dead letter: it is kept in PostgreSQL alone',
      );
      return 'refused';
    }
  }
}
