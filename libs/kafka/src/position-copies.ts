import { crashPoint } from '@millrace/contracts';
import type { Logger } from '@millrace/contracts';
import { formatTopicPartition } from '@millrace/event';
import type { Consumer } from 'kafkajs';
import type { AssignedPartition } from './assigned-partition';
import { copyMark } from './copy-mark';

/** Writes positions to Kafka's group offsets, as a copy for tools that show lag, with our mark. */
export class PositionCopies {
  /** By partition, what this member wrote in the present generation. */
  private written = new Map<string, bigint>();
  private writing = false;

  constructor(private readonly log: Logger) {}

  /** Everything is written again: while somebody else held a partition, its copy may have become another one. */
  forget(): void {
    this.written = new Map();
  }

  /** Copies what has moved since the last time; never throws, and does nothing while an earlier call runs. */
  async write(consumer: Consumer, partitions: readonly AssignedPartition[]): Promise<void> {
    const { written } = this;
    const moved = partitions.flatMap((partition) => {
      const { nextOffset } = partition.status;
      const place = formatTopicPartition(partition.at);
      const isNew = nextOffset !== undefined && written.get(place) !== nextOffset;
      return isNew ? [{ partition, place, nextOffset }] : [];
    });
    if (moved.length === 0 || this.writing) return;
    this.writing = true;
    // kafkajs resolves a commit that it never sent, when its run has ended meanwhile. This event alone says that it did.
    let acknowledged = 0;
    const forgetEvent = consumer.on(consumer.events.COMMIT_OFFSETS, () => (acknowledged += 1));
    try {
      await consumer.commitOffsets(
        moved.map(({ partition: { at }, nextOffset }) => ({
          topic: at.topic,
          partition: at.partition,
          offset: String(nextOffset),
          metadata: copyMark(nextOffset),
        })),
      );
      if (acknowledged === 0) return;
      crashPoint('position-copied');
      // One after the other: each may have to wait for the commit of a handler that holds its row.
      for (const { partition, place, nextOffset } of moved) {
        await partition.copied(nextOffset);
        written.set(place, nextOffset);
      }
    } catch (error) {
      this.log.debug({ error: String(error) }, "positions were not copied to Kafka's group offsets");
    } finally {
      forgetEvent();
      this.writing = false;
    }
  }
}
