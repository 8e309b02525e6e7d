import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import type { Logger } from '@millrace/contracts';
import { formatPosition } from '@millrace/event';
import { toProblem } from '@millrace/service';
import { readLines } from './body-lines';
import type { BodyLine } from './body-lines';
import { readEventObject } from './envelope';
import { EventTooLargeError, ProducerStoppingError } from './errors';
import { parseJsonBody } from './json-body';
import { problems } from './problems';
import type { WritePath } from './write-path';

export interface EventStreamOptions {
  readonly writePath: Pick<WritePath, 'publish' | 'room' | 'stopping'>;
  readonly defaultSource: string;
  readonly maxLineBytes: number;
  /** Lines that may wait for the log at once, about; beyond it the body is not read on. */
  readonly maxInFlight: number;
  readonly log: Logger;
}

interface Answer {
  readonly line?: number;
  readonly id?: string;
  readonly position?: string;
  readonly problem?: unknown;
}

/**
 * Publishes a body of one JSON event a line, and answers one JSON object a line, in order, as the log
 * acknowledges: `{"line":1,"id":…,"position":…}`, or `{"line":2,"problem":{…}}` for an event that was not taken;
 * last `{"summary":{"published":…,"refused":…}}`. Lines are numbered from 1; empty ones get no answer. One bad line
 * does not spoil the others. The body is read no faster than the log takes it and the answers are read, so memory
 * does not grow with the length of the stream. When the service stops in the middle, what was taken is answered,
 * a problem without a line says that the rest was not, and the summary follows.
 */
export function publishStream(body: Readable, options: EventStreamOptions): Readable {
  return Readable.from(answers(body, options));
}

async function* answers(body: Readable, options: EventStreamOptions): AsyncGenerator<string> {
  const { stopping } = options.writePath;
  const summary = { published: 0, refused: 0 };
  const results = Readable.from(takeLines(body, options)).map(
    (line: BodyLine) => publishLine(line, options),
    { concurrency: options.maxInFlight },
  );
  for await (const answer of results as AsyncIterable<Answer>) {
    if (answer.problem === undefined) summary.published += 1;
    else summary.refused += 1;
    yield toLine(answer);
  }
  if (stopping.aborted && !body.readableEnded) {
    yield toLine({ problem: toProblem(new ProducerStoppingError(), problems)?.details });
  }
  yield toLine({ summary });
}

/** A stream waits where a single event would be refused: when the log does not keep up. */
async function* takeLines(body: Readable, options: EventStreamOptions): AsyncGenerator<BodyLine> {
  const { writePath, maxLineBytes } = options;
  for await (const line of readLines(body, { maxBytes: maxLineBytes, stopping: writePath.stopping })) {
    // Awaited only when there is none: a turn for each line would cost more than the rest of this loop.
    const room = writePath.room();
    if (room !== undefined) await room;
    yield line;
  }
}

/** Never rejects; everything before the append is synchronous, to keep order. */
async function publishLine({ number, bytes }: BodyLine, options: EventStreamOptions): Promise<Answer> {
  try {
    if (bytes === undefined) throw new EventTooLargeError(options.maxLineBytes);
    const event = readEventObject(parseJsonBody(bytes), options.defaultSource);
    const position = await options.writePath.publish(event);
    return { line: number, id: event.attributes.id, position: formatPosition(position) };
  } catch (error) {
    return {
      line: number,
      problem: toProblem(error, problems)?.details ?? unknownProblem(error, options.log),
    };
  }
}

/** As for a single event: the client sees an id, and the log has the error under it. */
function unknownProblem(error: unknown, log: Logger): unknown {
  const errorId = randomUUID();
  log.error({ err: error, errorId }, 'an event of a stream failed with an error that no rule maps');
  return {
    type: 'urn:millrace:problem:internal-error',
    title: 'Internal error',
    status: 500,
    detail: `Something went wrong in the service. Its log has the reason under the id ${errorId}.`,
    errorId,
  };
}

function toLine(answer: object): string {
  return `${JSON.stringify(answer)}\n`;
}
