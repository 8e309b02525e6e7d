import {
  PublishDeadlineError,
  PublisherClosedError,
  PublisherFullError,
  PublishRefusedError,
} from '@millrace/client';
import type { StampedEvent } from '@millrace/client';
import {
  RecordRefusedError,
  TopicNotFoundError,
  WriteDeadlineError,
  WriterClosedError,
  WriterFullError,
} from '@millrace/kafka';
import { InvalidEventError } from '@millrace/schema-registry';

/** The writer's and the codec's errors as those that every publisher rejects with; others stay as they are. */
export function toPublishError(event: StampedEvent, error: unknown, waitedMs: number): unknown {
  if (error instanceof WriteDeadlineError) {
    const lastFailure = error.cause instanceof Error ? error.cause.message : undefined;
    return new PublishDeadlineError(event, error.outcome, { waitedMs, lastFailure, cause: error });
  }
  if (error instanceof WriterFullError) {
    const { records, bytes } = error.context;
    return new PublisherFullError(event, { events: Number(records), bytes: Number(bytes) }, error);
  }
  if (error instanceof WriterClosedError) return new PublisherClosedError(event);
  if (error instanceof InvalidEventError) {
    const problem = { title: 'Event invalid', detail: error.message, errors: error.problems };
    return new PublishRefusedError(event, { outcome: 'refused', problem, cause: error });
  }
  if (error instanceof RecordRefusedError) {
    const problem = { title: 'Record refused', detail: error.message };
    return new PublishRefusedError(event, { outcome: 'refused', problem, cause: error });
  }
  if (error instanceof TopicNotFoundError) {
    const problem = { title: 'Topic not found', detail: error.message };
    return new PublishRefusedError(event, { outcome: 'not-written', problem, cause: error });
  }
  return error;
}
