import { MillraceError } from '@millrace/contracts';
import type { TopicPartition } from '@millrace/event';
import { wordsOf } from './effect-failure';

/** Another member has taken the partition's epoch or moved its position: this one must not write. */
export class FencedError extends MillraceError {
  override readonly name = 'FencedError';
  override readonly code = 'FENCED';
  override readonly retriable = false;

  constructor(
    reader: string,
    at: TopicPartition,
    expected: { readonly epoch: bigint; readonly nextOffset: bigint },
  ) {
    super(
      `${reader} no longer owns ${at.topic}/${at.partition}: expected epoch ${expected.epoch} at offset ` +
        `${expected.nextOffset}, and the stored row says otherwise. Nothing was written; the member joins again.`,
      { context: { reader, topic: at.topic, partition: at.partition, epoch: String(expected.epoch) } },
    );
  }
}

/** A commit would have passed the offset at which its reader has to stop for now. */
export class StopReachedError extends MillraceError {
  override readonly name = 'StopReachedError';
  override readonly code = 'STOP_REACHED';
  override readonly retriable = true;

  constructor(
    reader: string,
    at: TopicPartition,
    readonly stopAt: bigint,
  ) {
    super(
      `${reader} goes no further than offset ${stopAt} of ${at.topic}/${at.partition} for now. Nothing was written; it goes on when the stop is raised.`,
      { context: { reader, topic: at.topic, partition: at.partition, stopAt: String(stopAt) } },
    );
  }
}

/** A definition of a group or a projection contradicts itself or the catalogue. */
export class InvalidDefinitionError extends MillraceError {
  override readonly name = 'InvalidDefinitionError';
  override readonly code = 'INVALID_DEFINITION';
  override readonly retriable = false;

  constructor(what: string, problems: readonly string[]) {
    super(`${what} cannot be used: ${problems.join('; ')}.`, { context: { what, problems } });
  }
}

/** For handlers to throw: the event can never be handled, and trying again is of no use. It becomes a dead letter. */
export class PermanentError extends MillraceError {
  override readonly name = 'PermanentError';
  override readonly code = 'PERMANENT_FAILURE';
  override readonly retriable = false;
}

/** A record is no event that this process can read: not decodable, or of a type that it does not know. */
export class UndecodableRecordError extends MillraceError {
  override readonly name = 'UndecodableRecordError';
  override readonly code = 'UNDECODABLE_RECORD';
  override readonly retriable = false;

  constructor({ topic, partition }: TopicPartition, offset: bigint, cause: unknown) {
    super(`The record at ${topic}/${partition}/${offset} cannot be read as an event: ${wordsOf(cause)}`, {
      context: { topic, partition, offset: String(offset) },
      cause,
    });
  }
}

/** The keys of a partition that failed have as many records behind them as there may be: it waits until they are fewer. */
export class QueueFullError extends MillraceError {
  override readonly name = 'QueueFullError';
  override readonly code = 'PARKING_FULL';
  override readonly retriable = true;

  /** `bound`: how much may be behind them, in words. */
  constructor({ topic, partition }: TopicPartition, bound: string) {
    super(
      `The keys of ${topic}/${partition} that failed have ${bound} behind them, which is the bound. The partition goes on ` +
        'when some of them are handled or given up; what is declared under parking sets the bound.',
      { context: { topic, partition, bound } },
    );
  }
}

/** The circuit breaker of a dependency is open: what was asked for was not done, and nothing was called. */
export class DependencyUnavailableError extends MillraceError {
  override readonly name = 'DependencyUnavailableError';
  override readonly code = 'DEPENDENCY_UNAVAILABLE';
  override readonly retriable = true;

  constructor(dependency: string, since: number, cause: unknown) {
    super(
      `${dependency} has been unavailable since ${new Date(since).toISOString()}. It was not called; a record that ` +
        `waits for it is tried from time to time, and the others go on when that succeeds.`,
      { context: { dependency, since: new Date(since).toISOString() }, cause },
    );
  }
}

/** A handler that calls the outside did not end in its time. */
export class CallTimeoutError extends MillraceError {
  override readonly name = 'CallTimeoutError';
  override readonly code = 'CALL_TIMEOUT';
  override readonly retriable = true;

  constructor(at: TopicPartition & { readonly offset: bigint }, timeoutMs: number) {
    super(
      `The handler of ${at.topic}/${at.partition}/${at.offset} did not end within ${timeoutMs} ms. It is tried again; the ` +
        "group's calls.timeoutMs sets the time.",
      { context: { topic: at.topic, partition: at.partition, offset: String(at.offset), timeoutMs } },
    );
  }
}
