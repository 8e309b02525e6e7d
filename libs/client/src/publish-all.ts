import type { EventType } from '@millrace/contracts';
import type { EventOptions, Published, Publisher, PublishOptions } from './publisher';

/** One event of many. `eventOf` makes it, so that the compiler checks its value. */
export interface EventToPublish {
  readonly type: EventType;
  readonly value: unknown;
  readonly options?: EventOptions;
}

/** An event for `publishAll`, typed by its contract. */
export function eventOf<T>(
  type: EventType<T>,
  value: NoInfer<T>,
  options: EventOptions = {},
): EventToPublish {
  return { type, value, options };
}

export interface PublishAllOptions extends Pick<PublishOptions, 'deadlineMs' | 'signal'> {
  /** Called for each event that is in the log. */
  readonly onPublished?: (published: Published, event: EventToPublish) => void;
  /** Called for each event that is not; without it the first one ends the whole. */
  readonly onFailed?: (error: unknown, event: EventToPublish) => void;
}

/**
 * Publishes any number of events, in order per key, and takes no more of them than the publisher has room for: memory does
 * not grow with their number. Resolves with the counts once each event has its outcome.
 *
 * Without `onFailed`, the first failure stops the taking; it is thrown when all that was taken has its outcome.
 */
export async function publishAll(
  publisher: Publisher,
  events: Iterable<EventToPublish> | AsyncIterable<EventToPublish>,
  { onPublished, onFailed, ...shared }: PublishAllOptions = {},
): Promise<{ readonly published: number; readonly failed: number }> {
  const counts = { published: 0, failed: 0 };
  const underWay = new Set<Promise<void>>();
  let first: { readonly error: unknown } | undefined;
  const publishOne = (event: EventToPublish): Promise<void> =>
    publisher.publish(event.type, event.value, { ...event.options, ...shared }).then(
      (published) => {
        counts.published += 1;
        onPublished?.(published, event);
      },
      (error: unknown) => {
        counts.failed += 1;
        if (onFailed === undefined) throw error;
        onFailed(error, event);
      },
    );
  const publishNext = (event: EventToPublish): void => {
    const one = publishOne(event)
      .catch((error: unknown) => {
        first ??= { error };
      })
      .finally(() => underWay.delete(one));
    underWay.add(one);
  };
  for await (const event of events) {
    for (let room = publisher.room(); room !== undefined; room = publisher.room()) await room;
    if (first !== undefined) break;
    publishNext(event);
  }
  await Promise.all(underWay);
  if (first !== undefined) throw first.error;
  return counts;
}
