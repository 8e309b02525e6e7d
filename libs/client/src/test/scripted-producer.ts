import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** One event as it arrived. */
export interface Arrived {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly time: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** What one event of a batch is answered: its place, or a problem. */
export type EventAnswer = 'written' | Readonly<Record<string, unknown>>;

/** What a request is answered; `cut` ends its connection, `silent` never answers. */
export type Reply =
  | 'cut'
  | 'silent'
  | {
      readonly status?: number;
      readonly headers?: Record<string, string>;
      /** By event; those that are left out are written. */
      readonly events?: readonly EventAnswer[];
      /** Of the request as a whole. */
      readonly problem?: object;
      /** Instead of everything else. */
      readonly text?: string;
    };

export const written = 'written';
export const forNow = { status: 503, type: 'urn:millrace:problem:write-deadline', retriable: true };
export const notWritten = { ...forNow, outcome: 'not-written' };
export const unknown = { ...forNow, outcome: 'unknown' };
export const invalid = { status: 422, type: 'urn:millrace:problem:event-invalid', retriable: false };

/** Speaks the producer's batches and replies what the test has scripted, then `written` for ever. */
export class ScriptedProducer {
  /** The events of each request, in the order of their arrival. */
  readonly requests: (readonly Arrived[])[] = [];
  readonly headers: Record<string, unknown>[] = [];
  /** Ids in the order in which they were written, repeats included. */
  readonly log: string[] = [];
  connections = 0;
  /** How many requests were under way at once at most. */
  mostAtOnce = 0;
  /** Holds every reply back until it resolves. */
  gate: Promise<unknown> = Promise.resolve();
  private atOnce = 0;
  private script: Reply[] = [];

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(...script: Reply[]): Promise<ScriptedProducer> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const producer = new ScriptedProducer(server, url);
    producer.script = script;
    server.on('connection', () => (producer.connections += 1));
    server.on('request', (request, response) => {
      producer.headers.push(request.headers);
      text(request).then(
        (body) => producer.answer(JSON.parse(body) as Arrived[], response),
        () => undefined,
      );
    });
    return producer;
  }

  get ids(): string[][] {
    return this.requests.map((events) => events.map(({ id }) => id));
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private async answer(events: readonly Arrived[], response: ServerResponse): Promise<void> {
    this.requests.push(events);
    const reply = this.script.shift() ?? {};
    this.atOnce += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.atOnce);
    await this.gate;
    this.atOnce -= 1;
    if (reply === 'silent') return;
    if (reply === 'cut') {
      response.socket?.destroy();
      return;
    }
    const { status = 201, headers, problem, text: body } = reply;
    const answers = (): object[] =>
      events.map((event, index) => this.place(event, reply.events?.[index] ?? written));
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(body ?? JSON.stringify(problem ?? { events: answers() }));
  }

  private place({ id, source, type }: Arrived, answer: EventAnswer): object {
    if (answer !== written) return { problem: answer };
    const offset = String(this.log.push(id) - 1);
    return { id, source, type, topic: 'flights', partition: 0, offset, position: `flights/0/${offset}` };
  }
}
