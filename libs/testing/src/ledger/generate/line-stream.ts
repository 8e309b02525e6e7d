import { request } from 'node:http';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Outcome } from '../attempt';
import { linesOf } from './lines-of';
import { readFailure, readProblem } from './read-outcome';
import type { Problem } from './read-outcome';

interface Answer {
  readonly line?: number;
  readonly position?: string;
  readonly problem?: Problem;
}

/**
 * One streaming request that stays open: each line gets its outcome as the producer answers it. When the connection is
 * lost, or one line has no answer in time, everything that is not answered is unknown, and the stream is no longer open.
 */
export class LineStream {
  private readonly request: ClientRequest;
  private readonly waiting = new Map<number, (outcome: Outcome) => void>();
  private lines = 0;
  private closed = false;

  constructor(
    producerUrl: string,
    private readonly options: { readonly timeoutMs: number; readonly maxLines: number },
  ) {
    const headers = { 'content-type': 'application/x-ndjson' };
    this.request = request(`${producerUrl}/v1/events`, { method: 'POST', headers, agent: false });
    this.request.on('error', (error) => this.settleAll(readFailure(error)));
    this.request.on('response', (response) => {
      this.read(response).catch((error: unknown) => this.settleAll(readFailure(error)));
    });
  }

  /** Whether it takes lines: it has not ended, and has had fewer than `maxLines`. */
  get isOpen(): boolean {
    return !this.closed && this.lines < this.options.maxLines;
  }

  /** Never rejects. The lines go out in the order of the calls. */
  async send(line: string): Promise<Outcome> {
    if (this.closed) return { outcome: 'unknown', reason: 'the stream had ended' };
    const { timeoutMs } = this.options;
    const number = (this.lines += 1);
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    this.waiting.set(number, resolve);
    const timer = setTimeout(() => {
      this.request.destroy();
      this.settleAll({ outcome: 'unknown', reason: `no answer within ${timeoutMs} ms` });
    }, timeoutMs);
    this.request.write(`${line}\n`);
    return promise.finally(() => clearTimeout(timer));
  }

  /** Sends no more; what was sent still gets its outcome. */
  end(): void {
    this.closed = true;
    this.request.end();
  }

  private async read(response: IncomingMessage): Promise<void> {
    const { statusCode: status = 0 } = response;
    if (status < 200 || status > 299) {
      const problem = JSON.parse(await text(response)) as Problem;
      this.settleAll(readProblem(status, problem));
      this.request.destroy();
      return;
    }
    for await (const line of linesOf(response)) this.take(JSON.parse(line) as Answer);
    this.settleAll({ outcome: 'unknown', reason: 'the stream ended without an answer' });
  }

  private take({ line, position, problem }: Answer): void {
    if (problem !== undefined) {
      const outcome = readProblem(problem.status ?? 0, problem);
      // Without a line it speaks of all that the producer, which is stopping, has not read.
      if (line === undefined) this.settleAll(outcome);
      else this.settle(line, outcome);
    } else if (line !== undefined && position !== undefined) {
      this.settle(line, { outcome: 'acknowledged', position });
    }
  }

  private settle(line: number, outcome: Outcome): void {
    this.waiting.get(line)?.(outcome);
    this.waiting.delete(line);
  }

  private settleAll(outcome: Outcome): void {
    this.closed = true;
    for (const line of [...this.waiting.keys()]) this.settle(line, outcome);
  }
}
