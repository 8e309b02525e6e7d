import { formatTopicPartition } from '@millrace/event';
import { classifyWriteFailure } from '../write-failure';
import type { ProducerName, ProduceSession } from './produce-session';

/** What a partition's leader knows a producer's next batch by. */
export interface BatchNumber extends ProducerName {
  /** The number of the batch's first record. */
  readonly firstSequence: number;
}

/** Numbers begin again at 0 after 2^31 - 1; a new id long before that saves the care for it. */
const RENEW_AT = 2_000_000_000;

/**
 * Numbers for batches, as Kafka's own idempotent producer gives them (KIP-98): a batch that is sent again unchanged has the
 * numbers that it had, and the broker answers it with the place where it lies already. Each partition has a producer id of
 * its own, so that one whose numbers are in doubt begins anew without a word to the others.
 *
 * One batch of a partition may be in flight at a time, and it must be sent again unchanged until its outcome is known, unless
 * nothing of it can be in the log: `PartitionQueue` sees to both. kafkajs's own idempotent producer does not: docs/adr/0001.
 */
export class BatchNumbers {
  private readonly next = new Map<string, BatchNumber>();

  /** Sees to it that the partition's next batch has a number. The session must have reached its leader. */
  async prepare(
    topic: string,
    partition: number,
    session: Pick<ProduceSession, 'newProducer'>,
  ): Promise<void> {
    const place = formatTopicPartition({ topic, partition });
    if (this.next.has(place)) return;
    this.next.set(place, { ...(await session.newProducer(topic, partition)), firstSequence: 0 });
  }

  /** The number of the partition's batch: the same until `acknowledged`. @throws when nothing was prepared. */
  of(topic: string, partition: number): BatchNumber {
    const place = formatTopicPartition({ topic, partition });
    const number = this.next.get(place);
    if (number === undefined) throw new Error(`${place} has no numbers: connect first`);
    return number;
  }

  /** The batch is in the log; the next one follows its last record. */
  acknowledged(topic: string, partition: number, records: number): void {
    const place = formatTopicPartition({ topic, partition });
    const number = this.of(topic, partition);
    const firstSequence = number.firstSequence + records;
    if (firstSequence > RENEW_AT) this.next.delete(place);
    else this.next.set(place, { ...number, firstSequence });
  }

  /** Nothing that was sent under numbers that are over or lost is sent again: whether they were used may stay open. */
  failed(topic: string, partition: number, error: unknown): void {
    if (!(error instanceof Error)) return;
    const failure = classifyWriteFailure(error);
    if (failure === 'too-late' || failure === 'numbers-lost') {
      this.next.delete(formatTopicPartition({ topic, partition }));
    }
  }
}
