import { Readable } from 'node:stream';
import { MillraceError } from '@millrace/contracts';
import { formatPosition } from '@millrace/event';
import { parseJsonLossless } from '@millrace/schema-registry';
import { toProblem } from '@millrace/service';
import split from 'split2';
import { readEventObject } from './envelope';
import { EventTooLargeError } from './errors';
import { problems } from './problems';
import type { WritePath } from './write-path';

export interface EventStreamOptions {
  readonly writePath: WritePath;
  readonly defaultSource: string;
  readonly maxLineBytes: number;
  /** Lines that may wait for the log at once; beyond it the body is not read on. */
  readonly maxInFlight: number;
}

interface Answer {
  readonly line: number;
  readonly id?: string;
  readonly position?: string;
  readonly problem?: unknown;
}

/**
 * Publishes a body of one JSON event a line, and answers one JSON object a line, in order, as the log
 * acknowledges: `{"line":1,"id":…,"position":…}`, or `{"line":2,"problem":{…}}` for an event that was not taken;
 * last `{"summary":{"published":…,"refused":…}}`. One bad line does not spoil the others. The body is read no
 * faster than the log takes it, so memory does not grow with the length of the stream; a line over the limit
 * ends the stream, with its problem before the summary.
 */
export function publishStream(body: Readable, options: EventStreamOptions): Readable {
  return Readable.from(answers(body, options));
}

async function* answers(body: Readable, options: EventStreamOptions): AsyncGenerator<string> {
  const summary = { published: 0, refused: 0 };
  let count = 0;
  const lines = body.pipe(split({ maxLength: options.maxLineBytes }));
  body.once('error', (error) => lines.destroy(error));
  try {
    const results = lines
      .filter((line: string) => line.trim() !== '')
      .map((line: string) => publishLine(line, (count += 1), options), { concurrency: options.maxInFlight });
    for await (const answer of results as AsyncIterable<Answer>) {
      if (answer.problem === undefined) summary.published += 1;
      else summary.refused += 1;
      yield `${JSON.stringify(answer)}\n`;
    }
  } catch (error) {
    // split2 gives up on a line beyond the limit: what follows it cannot be told apart.
    const tooLong = error instanceof Error && error.message === 'maximum buffer reached';
    summary.refused += 1;
    const problem = toProblem(
      tooLong ? new EventTooLargeError(options.maxLineBytes) : error,
      problems,
    )?.details;
    if (problem === undefined) throw error;
    yield `${JSON.stringify({ line: count + 1, problem })}\n`;
  }
  yield `${JSON.stringify({ summary })}\n`;
}

/** Never rejects for what is wrong with the event; everything before the append is synchronous, to keep order. */
async function publishLine(text: string, line: number, options: EventStreamOptions): Promise<Answer> {
  try {
    const event = readEventObject(parseJsonLossless(text), options.defaultSource);
    const position = await options.writePath.publish(event);
    return { line, id: event.attributes.id, position: formatPosition(position) };
  } catch (error) {
    const problem = error instanceof MillraceError ? toProblem(error, problems)?.details : undefined;
    if (problem === undefined) throw error;
    return { line, problem };
  }
}
