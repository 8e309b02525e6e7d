import { formatTopicPartition } from '@millrace/event';
import type { TopicPartition } from '@millrace/event';

/** What Kafka keeps as a group's committed offset in one partition: a copy of the stored position, for tools. */
export interface PositionCopy {
  /** Negative where there is none: never written, expired, or deleted. */
  readonly offset: bigint;
  /** It carries the mark that a member of ours writes with the offset; every tool that moves it writes another one. */
  readonly isOurs: boolean;
}

/** A stored position, and what is remembered of its copy. */
export interface CopyNotes {
  readonly nextOffset: bigint;
  readonly epoch: bigint;
  /** Equal to `epoch` when its owner marks its copies; an owner of the version before marks nothing and changes nothing here. */
  readonly copyEpoch?: bigint;
  /** The last copy that Kafka acknowledged and that was noted; for messages, nothing is decided by it. */
  readonly copyOffset?: bigint;
  /** A copy without our mark that is no move: it was there when the owner came, or was rejected. */
  readonly knownCopy?: bigint;
}

/** Somebody has moved Kafka's copy, and nobody has said what that is to mean. */
export interface MovedCopy extends TopicPartition {
  /** What Kafka has. */
  readonly offset: bigint;
  readonly notes: CopyNotes;
}

/**
 * Whether somebody else wrote the copy. Ours is whatever carries our mark, however old it is: so neither a crash between
 * Kafka's acknowledgement and our note of it, nor a copy that arrives late or twice, nor a database that was restored to
 * an earlier time, looks like a move. Without a mark it is a move unless
 *
 * - it says what the stored position says: there is nothing to decide;
 * - it is known: it was there before our first copy (a group that another client has read before, or the version of
 *   Millrace before marks), or an operator has rejected it and ours has not taken its place yet;
 * - the last owner was a member of the version before, whose copies have no mark.
 */
export function isMovedCopy(copy: PositionCopy, notes: CopyNotes | undefined): boolean {
  if (copy.offset < 0n || copy.isOurs || notes === undefined) return false;
  if (notes.copyEpoch !== notes.epoch) return false;
  return copy.offset !== notes.nextOffset && copy.offset !== notes.knownCopy;
}

/** The copy that the next owner finds, if it is not ours: no move from then on. */
export function foundCopy(copy: PositionCopy): bigint | undefined {
  return copy.isOurs || copy.offset < 0n ? undefined : copy.offset;
}

/** What Kafka has, what we wrote, where PostgreSQL stands, and what to do. */
export function explainMovedCopy({ offset, notes, topic, partition }: MovedCopy, groupId: string): string {
  const where = formatTopicPartition({ topic, partition });
  const { nextOffset, copyOffset } = notes;
  const written =
    copyOffset === undefined ? 'no copy of ours is noted' : `the last copy noted is ${copyOffset}`;
  return (
    `Kafka's committed offset of ${where} is ${offset}, and is not the copy that Millrace wrote (${written}; the ` +
    `position in PostgreSQL is ${nextOffset}): somebody moved it, with kafka-consumer-groups.sh for example. ` +
    `Adopt it, which ${explainAdoption(nextOffset, offset)}, or reject it, which goes on from ${nextOffset}: ` +
    `POST /v1/groups/${groupId}/positions/adopt or …/reject with ` +
    `{"topic":"${topic}","partitions":[{"partition":${partition},"offset":"${offset}"}]}.`
  );
}

/** What becomes of the records between the position and the offset that is adopted in its place. */
export function explainAdoption(nextOffset: bigint, offset: bigint): string {
  return offset < nextOffset
    ? `runs the records from ${offset} up to ${nextOffset - 1n} again (up to ${nextOffset - offset}), their effects too`
    : `leaves the records from ${nextOffset} up to ${offset - 1n} out (up to ${offset - nextOffset}), for good`;
}

/** Where a reader that is not to be moved by tools of Kafka looks before it takes a partition. */
export interface CopyCheck {
  /**
   * Called after the membership was confirmed: from then on Kafka refuses the copies of every earlier generation, and
   * of every tool, until the group has no member. So what is found here is not overwritten by anybody else.
   */
  check(at: TopicPartition, signal: AbortSignal): Promise<CopyCheckOutcome>;
  /** Kafka has acknowledged a copy of the owner of this epoch. */
  noteCopy(at: TopicPartition, copy: { readonly epoch: bigint; readonly offset: bigint }): Promise<void>;
}

export type CopyCheckOutcome =
  | { readonly kind: 'ours'; readonly found?: bigint }
  /** `over` resolves when it is worth looking again; it never rejects. */
  | { readonly kind: 'moved'; readonly reason: string; readonly over: Promise<void> };
