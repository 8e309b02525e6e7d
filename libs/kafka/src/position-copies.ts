import type { Logger } from '@millrace/contracts';
import { formatTopicPartition } from '@millrace/event';
import type { Consumer } from 'kafkajs';
import type { PartitionStatus } from './assigned-partition';

/** Writes positions to Kafka's group offsets, as a copy for tools that show lag. Nothing reads them back. */
export class PositionCopies {
  private readonly written = new Map<string, bigint>();
  private writing = false;

  constructor(private readonly log: Logger) {}

  /** Copies what has moved since the last time; never throws, and does nothing while an earlier call runs. */
  async write(consumer: Consumer, partitions: readonly PartitionStatus[]): Promise<void> {
    const moved = partitions.flatMap((status) => {
      const { topic, partition, nextOffset } = status;
      const isNew = nextOffset !== undefined && this.written.get(formatTopicPartition(status)) !== nextOffset;
      return isNew ? [{ topic, partition, nextOffset }] : [];
    });
    if (moved.length === 0 || this.writing) return;
    this.writing = true;
    try {
      await consumer.commitOffsets(
        moved.map(({ topic, partition, nextOffset }) => ({ topic, partition, offset: String(nextOffset) })),
      );
      for (const at of moved) this.written.set(formatTopicPartition(at), at.nextOffset);
    } catch (error) {
      this.log.debug({ error: String(error) }, "positions were not copied to Kafka's group offsets");
    } finally {
      this.writing = false;
    }
  }
}
