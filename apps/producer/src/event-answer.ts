import { randomUUID } from 'node:crypto';
import type { Logger } from '@millrace/contracts';
import { formatPosition } from '@millrace/event';
import type { EventAttributes, Position } from '@millrace/event';
import { toProblem } from '@millrace/service';
import type { ProblemDetails } from '@millrace/service';
import { problems } from './problems';

/** Where an event lies, as a single event and one of a batch are answered. */
export interface EventPlace {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly topic: string;
  readonly partition: number;
  /** Text: it is a number of 64 bits. */
  readonly offset: string;
  /** `topic/partition/offset` */
  readonly position: string;
}

export function eventPlace({ id, source, type }: EventAttributes, position: Position): EventPlace {
  const { topic, partition, offset } = position;
  return {
    id,
    source,
    type,
    topic,
    partition,
    offset: offset.toString(),
    position: formatPosition(position),
  };
}

/**
 * What one of many events is answered that was not taken. For an error that nobody knows, the client sees an id, and the
 * log has the error under it, as for a single event.
 */
export function eventProblem(error: unknown, log: Logger): ProblemDetails {
  const known = toProblem(error, problems)?.details;
  if (known !== undefined) return known;
  const errorId = randomUUID();
  log.error({ err: error, errorId }, 'one event of many failed with an error that no rule maps');
  return {
    type: 'urn:millrace:problem:internal-error',
    title: 'Internal error',
    status: 500,
    detail: `Something went wrong in the service. Its log has the reason under the id ${errorId}.`,
    errorId,
  };
}
