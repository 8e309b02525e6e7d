import { MillraceError } from '@millrace/contracts';
import type { MovedCopy } from '@millrace/delivery';
import { formatTopicPartition } from '@millrace/event';

/** Somebody decided about a committed offset that nobody has moved. */
export class NothingMovedError extends MillraceError {
  override readonly name = 'NothingMovedError';
  override readonly code = 'NOTHING_MOVED';
  override readonly retriable = false;

  constructor(groupId: string, places: string) {
    super(
      `Kafka's committed offset of ${groupId} in ${places} was not moved, or that has been decided. Nothing was done; ` +
        `GET /v1/groups/${groupId}/positions/moved shows what waits for a decision.`,
      { context: { groupId, places } },
    );
  }
}

/** The committed offset is not the one that somebody has decided about. */
export class MovedElsewhereError extends MillraceError {
  override readonly name = 'MovedElsewhereError';
  override readonly code = 'MOVED_ELSEWHERE';
  override readonly retriable = false;
  readonly offset: string;

  constructor(groupId: string, move: MovedCopy, named: bigint) {
    super(
      `Kafka's committed offset of ${groupId} in ${formatTopicPartition(move)} is ${move.offset}, and the request names ` +
        `${named}. Nothing was done, in no partition; decide about ${move.offset} if that is what is meant.`,
      { context: { groupId, offset: String(move.offset), named: String(named) } },
    );
    this.offset = String(move.offset);
  }
}

/** The log does not hold the offset that somebody wants to go on with. */
export class AdoptionOutsideLogError extends MillraceError {
  override readonly name = 'AdoptionOutsideLogError';
  override readonly code = 'ADOPTION_OUTSIDE_LOG';
  override readonly retriable = false;
  readonly log: { readonly start: string; readonly end: string };

  constructor(groupId: string, move: MovedCopy, log: { readonly start: bigint; readonly end: bigint }) {
    super(
      `${groupId} cannot go on with offset ${move.offset} of ${formatTopicPartition(move)}: the log goes from ${log.start} ` +
        `to ${log.end}. Nothing was done, in no partition. Reject the move; or stop the group, move the offset into the ` +
        'log, and adopt that.',
      { context: { groupId, offset: String(move.offset) } },
    );
    this.log = { start: String(log.start), end: String(log.end) };
  }
}
