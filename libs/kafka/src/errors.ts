import { MillraceError } from '@millrace/contracts';
import type { TopicPartition } from '@millrace/event';

/** Whether a record that was not acknowledged may be in the log all the same. */
export type WriteOutcome = 'not-written' | 'unknown';

/** The deadline passed before the log acknowledged a record. */
export class WriteDeadlineError extends MillraceError {
  override readonly name = 'WriteDeadlineError';
  override readonly code = 'WRITE_DEADLINE';
  override readonly retriable = true;

  constructor(
    topic: string,
    readonly outcome: WriteOutcome,
    waited: { readonly deadlineMs: number; readonly partition?: number; readonly cause?: unknown },
  ) {
    const where = waited.partition === undefined ? topic : `${topic}/${waited.partition}`;
    super(
      `${where} did not acknowledge the record within ${waited.deadlineMs} ms; ` +
        (outcome === 'unknown'
          ? 'it may or may not be in the log. Send it again with the same source and id: readers drop the repeat.'
          : 'it was never sent. Send it again when Kafka can be reached.'),
      { context: { topic, partition: waited.partition, outcome }, cause: waited.cause },
    );
  }
}

/** The log will never take this record, however often it is sent. */
export class RecordRefusedError extends MillraceError {
  override readonly name = 'RecordRefusedError';
  override readonly code = 'RECORD_REFUSED';
  override readonly retriable = false;

  constructor(at: TopicPartition, sizeBytes: number, cause: Error) {
    super(
      `${at.topic}/${at.partition} refused a record of ${sizeBytes} bytes: ${cause.message} ` +
        `Send a smaller event, or raise max.message.bytes of the topic.`,
      { context: { topic: at.topic, partition: at.partition, sizeBytes }, cause },
    );
  }
}

/** More records wait for the log than the writer may hold. */
export class WriterFullError extends MillraceError {
  override readonly name = 'WriterFullError';
  override readonly code = 'WRITER_FULL';
  override readonly retriable = true;

  constructor(limits: { readonly records: number; readonly bytes: number }) {
    super(
      `The writer already holds ${limits.records} records (${limits.bytes} bytes) that the log has not acknowledged; ` +
        'this one was not taken. Send it again shortly.',
      { context: { ...limits } },
    );
  }
}

/** The writer is being stopped. */
export class WriterClosedError extends MillraceError {
  override readonly name = 'WriterClosedError';
  override readonly code = 'WRITER_CLOSED';
  override readonly retriable = true;

  constructor(topic: string) {
    super(
      `The writer is stopping; the record for ${topic} was not taken. Send it again, to another instance.`,
      {
        context: { topic },
      },
    );
  }
}

/** A topic that should be there is not. */
export class TopicNotFoundError extends MillraceError {
  override readonly name = 'TopicNotFoundError';
  override readonly code = 'TOPIC_NOT_FOUND';
  override readonly retriable = false;

  constructor(topic: string) {
    super(`The topic ${topic} does not exist in this Kafka cluster. Create it with: millrace topics apply`, {
      context: { topic },
    });
  }
}

/** The cluster would not create declared topics. */
export class TopicsNotCreatedError extends MillraceError {
  override readonly name = 'TopicsNotCreatedError';
  override readonly code = 'TOPICS_NOT_CREATED';
  override readonly retriable = false;

  constructor(reasons: readonly string[], cause: unknown) {
    super(
      `Kafka did not create ${reasons.join('; ')}. Change the declaration in topics.yaml or the cluster; ` +
        'with fewer brokers than the declared replication, --fit-replication lowers it.',
      { cause },
    );
  }
}

/** The broker would not show or create the topic of a group's dead letters. */
export class DeadLetterTopicError extends MillraceError {
  override readonly name = 'DeadLetterTopicError';
  override readonly code = 'DEAD_LETTER_TOPIC_REFUSED';
  override readonly retriable = false;

  constructor(topic: string, reason: string, cause: unknown) {
    super(
      `Kafka refused the topic of dead letters ${topic}: ${reason}. Allow this service to describe, create and write it, ` +
        'or create it beforehand: a topic that is there is taken as it is.',
      { context: { topic }, cause },
    );
  }
}

/** The member that asked no longer belongs to the group's present generation. */
export class MembershipLostError extends MillraceError {
  override readonly name = 'MembershipLostError';
  override readonly code = 'MEMBERSHIP_LOST';
  override readonly retriable = true;

  constructor(at: TopicPartition) {
    super(
      `${at.topic}/${at.partition} was taken from this member by a rebalance or a shutdown; its work is given up.`,
      {
        context: { topic: at.topic, partition: at.partition },
      },
    );
  }
}

/** No broker answers. */
export class KafkaUnavailableError extends MillraceError {
  override readonly name = 'KafkaUnavailableError';
  override readonly code = 'KAFKA_UNAVAILABLE';
  override readonly retriable = true;

  constructor(what: string, cause: Error) {
    super(`Kafka could not ${what}: ${cause.message}. Ask again when it is back.`, {
      context: { what },
      cause,
    });
  }
}
