import type { Logger } from '@millrace/contracts';
import type { ProblemDetails } from '@millrace/service';
import type { AttributeRules } from './attributes';
import { splitJsonArray } from './body/json-array';
import { eventPlace, eventProblem } from './event-answer';
import type { EventPlace } from './event-answer';
import { readEventText } from './event-text';
import { BatchRefusedError, BatchUnfinishedError } from './request-errors';
import type { WritePath } from './write-path';

export interface EventBatchOptions {
  readonly writePath: Pick<WritePath, 'publish' | 'room'>;
  readonly rules: AttributeRules;
  readonly maxEventBytes: number;
  readonly maxEvents: number;
  readonly log: Logger;
}

/** The answer to a batch: for each event, in order, its place or its problem. */
export interface BatchAnswer {
  readonly events: readonly (EventPlace | { readonly problem: ProblemDetails })[];
  readonly summary: { readonly published: number; readonly refused: number };
}

/**
 * Publishes the events of a JSON array in order; one that is refused does not spoil the others. Waits where a single event
 * would be refused because the log does not keep up. Resolves when every event is in the log.
 * @throws JsonSyntaxError, BatchTooLargeError: nothing was taken.
 * @throws BatchUnfinishedError when some events may be sent again, otherwise BatchRefusedError when some were refused;
 *   both have the whole answer.
 */
export async function publishBatch(text: Buffer, options: EventBatchOptions): Promise<BatchAnswer> {
  const answers: Promise<BatchAnswer['events'][number]>[] = [];
  for (const element of splitJsonArray(text, options.maxEvents)) {
    const room = options.writePath.room();
    if (room !== undefined) await room;
    answers.push(publishElement(element, options));
  }
  const events = await Promise.all(answers);
  const refusals = events.flatMap((event) => ('problem' in event ? [event.problem] : []));
  const refused = refusals.length;
  const answer = { events, summary: { published: events.length - refused, refused } };
  if (refusals.some((problem) => problem['retriable'] === true)) throw new BatchUnfinishedError(answer);
  if (refused > 0) throw new BatchRefusedError(answer);
  return answer;
}

/** Never rejects; everything before the append is synchronous, to keep order. */
async function publishElement(
  element: Buffer,
  { rules, maxEventBytes, writePath, log }: EventBatchOptions,
): Promise<BatchAnswer['events'][number]> {
  try {
    const event = readEventText(element, { rules, maxBytes: maxEventBytes });
    return eventPlace(event.attributes, await writePath.publish(event));
  } catch (error) {
    return { problem: eventProblem(error, log) };
  }
}
