import type { Readable } from 'node:stream';
import type { Logger } from '@millrace/contracts';
import { formatPosition } from '@millrace/event';
import { toProblem } from '@millrace/service';
import type { AttributeRules } from './attributes';
import { bodyChunks } from './body/body-chunks';
import type { StreamBody } from './body/body-chunks';
import { LineSplitter } from './body/body-lines';
import type { BodyLine } from './body/body-lines';
import { ProducerStoppingError } from './errors';
import { eventProblem } from './event-answer';
import { readEventText } from './event-text';
import { OrderedAnswers } from './ordered-answers';
import { problems } from './problems';
import { StreamStalledError } from './request-errors';
import type { WritePath } from './write-path';

export interface EventStreamOptions {
  readonly writePath: Pick<WritePath, 'publish' | 'room' | 'stopping'>;
  readonly rules: AttributeRules;
  readonly maxLineBytes: number;
  /** Lines that may wait for the log at once; beyond it the body is not read on. */
  readonly maxInFlight: number;
  readonly log: Logger;
}

/**
 * Publishes a body of one JSON event a line, and answers one JSON object a line, in order, as the log
 * acknowledges: `{"line":1,"id":…,"position":…}`, or `{"line":2,"problem":{…}}` for an event that was not taken;
 * last `{"summary":{"published":…,"refused":…}}`. Lines are numbered from 1; empty ones get no answer. One bad line
 * does not spoil the others. The body is read no faster than the log takes it and the answers are read, so memory
 * does not grow with the length of the stream. When the service stops in the middle, or the client sends nothing for too
 * long, or its bytes are not of their encoding, what was taken is answered, a problem without a line says why the rest was
 * not, and the summary follows.
 */
export function publishStream(body: StreamBody, options: EventStreamOptions): Readable {
  const stream = new EventStream(body, options);
  void stream.run();
  return stream.answers;
}

class EventStream {
  readonly answers: OrderedAnswers;
  private published = 0;
  private refused = 0;

  constructor(
    private readonly body: StreamBody,
    private readonly options: EventStreamOptions,
  ) {
    this.answers = new OrderedAnswers(options.maxInFlight);
  }

  /** Never rejects. A broken connection ends the answers: nobody is left to read them. */
  async run(): Promise<void> {
    const { answers, body } = this;
    const { stopping } = this.options.writePath;
    let cut: unknown;
    try {
      await this.takeLines();
      if (stopping.aborted && !body.readable.readableEnded) cut = new ProducerStoppingError();
    } catch (error) {
      cut = body.explain(error);
    }
    await answers.settled();
    if (cut !== undefined) {
      const problem = toProblem(cut, problems)?.details;
      if (problem === undefined) return void answers.destroy(cut as Error);
      if (cut instanceof StreamStalledError)
        this.options.log.warn({ reason: cut.message }, 'a stream was ended');
      answers.add(toLine({ problem }));
    }
    answers.add(toLine({ summary: { published: this.published, refused: this.refused } }));
    answers.finish();
  }

  private async takeLines(): Promise<void> {
    const { stopping } = this.options.writePath;
    const lines = new LineSplitter(this.options.maxLineBytes);
    for await (const chunk of bodyChunks(this.body, stopping)) {
      for (const line of lines.split(chunk)) {
        for (let blocked = this.blocked(); blocked !== undefined; blocked = this.blocked()) await blocked;
        if (stopping.aborted || this.answers.destroyed) return;
        this.publishLine(line);
      }
    }
    // A line that the stop has cut is not a line: whoever sent it is told that it was not taken.
    const last = stopping.aborted ? undefined : lines.end();
    if (last !== undefined) this.publishLine(last);
  }

  /** A stream waits where a single event would be refused: when the log does not keep up. */
  private blocked(): Promise<void> | undefined {
    if (this.answers.destroyed) return undefined;
    return this.answers.full ? this.answers.notFull() : this.options.writePath.room();
  }

  /** Everything before the append is synchronous, to keep order. */
  private publishLine({ number, bytes }: BodyLine): void {
    const { rules, maxLineBytes, writePath, log } = this.options;
    const settle = this.answers.place();
    const refuse = (error: unknown): void => {
      this.refused += 1;
      settle(toLine({ line: number, problem: eventProblem(error, log) }));
    };
    try {
      const event = readEventText(bytes, { rules, maxBytes: maxLineBytes });
      const id = JSON.stringify(event.attributes.id);
      writePath.publish(event).then((position) => {
        this.published += 1;
        settle(`{"line":${number},"id":${id},"position":"${formatPosition(position)}"}\n`);
      }, refuse);
    } catch (error) {
      refuse(error);
    }
  }
}

function toLine(answer: object): string {
  return `${JSON.stringify(answer)}\n`;
}
