import type { PositionCopy } from '@millrace/delivery';

/**
 * The metadata of every committed offset that a member of ours writes. Kafka keeps it beside the offset, and whoever
 * commits another one replaces both: kafka-consumer-groups.sh and the admin clients write no metadata. The offset is
 * in it too, for a tool that would carry the metadata over to another offset.
 */
export function copyMark(offset: bigint): string {
  return `millrace:${offset}`;
}

/** A committed offset as Kafka answers it. */
export function readCopy({ offset, metadata }: { offset: string; metadata: string | null }): PositionCopy {
  const value = BigInt(offset);
  return { offset: value, isOurs: metadata === copyMark(value) };
}
