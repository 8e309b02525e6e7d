import { MillraceError } from '@millrace/contracts';
import { formatTopicPartition } from '@millrace/event';
import type { TopicPartition } from '@millrace/event';
import type { LogBounds } from './log-bounds';

/** The log does not hold the place where a read would go on. */
export class RangeNotInLogError extends MillraceError {
  override readonly name = 'RangeNotInLogError';
  override readonly code = 'RANGE_NOT_IN_LOG';
  override readonly retriable = false;

  /** `bounds`: what the partition holds; undefined when there is no such partition. */
  constructor(at: TopicPartition & { readonly next: bigint }, bounds: LogBounds | undefined) {
    const where = formatTopicPartition(at);
    super(
      bounds === undefined
        ? `There is no partition ${where}, so it cannot be read from offset ${at.next}. Look at: millrace topics plan`
        : `${where} cannot be read from offset ${at.next}: it holds offsets ${bounds.start} up to ${bounds.end} (exclusive). ` +
            (at.next < bounds.start
              ? 'What lay before was removed, by retention as a rule; read from its first offset, if a part is enough.'
              : 'The offset was never written, or the topic was made again since.'),
      {
        context: {
          topic: at.topic,
          partition: at.partition,
          offset: at.next.toString(),
          start: bounds?.start.toString(),
          end: bounds?.end.toString(),
        },
      },
    );
  }
}
