import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { attemptOf } from '../generate/event-body';
import { linesOf } from '../generate/lines-of';

/** An event as it arrived, by whichever way. */
export interface Arrived {
  readonly id: string;
  readonly attempt: number;
  readonly key: string;
  readonly seq: unknown;
}

/** What becomes of an event; `lost` ends its connection, and `silent` never answers. */
export type Fate =
  | { readonly position: string }
  | { readonly status: number; readonly outcome?: string; readonly type?: string }
  | 'lost'
  | 'silent';

/** Speaks the producer's protocol and answers what the test says; what it took is in `arrived`, in order. */
export class FakeProducer {
  readonly arrived: Arrived[] = [];
  /** By default everything is acknowledged, each at its own offset. */
  decide: (event: Arrived) => Fate = () => ({ position: `flights/0/${this.arrived.length - 1}` });

  private constructor(private readonly server: Server) {}

  static async start(): Promise<FakeProducer> {
    const server = createServer();
    const producer = new FakeProducer(server);
    server.on('request', (request, response) => {
      request.on('error', () => undefined);
      const work = producer.answer(request, response);
      // A connection that is lost ends its request with an error.
      work.catch(() => undefined);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return producer;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url !== '/v1/events') return this.one(request, response);
    const isBatch = request.headers['content-type'] === 'application/cloudevents-batch+json';
    return isBatch ? this.batch(request, response) : this.stream(request, response);
  }

  private async one(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const data = JSON.parse(await text(request)) as { flightId: string; delayMinutes: unknown };
    const { 'ce-id': id, traceparent } = request.headers;
    const fate = this.take({ id: String(id), traceparent: String(traceparent), data });
    if (fate === 'silent') return;
    if (fate === 'lost') {
      request.socket.destroy();
      return;
    }
    response.writeHead('position' in fate ? 201 : fate.status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(fate));
  }

  private async stream(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    let line = 0;
    for await (const json of linesOf(request)) {
      line += 1;
      const fate = this.take(JSON.parse(json) as Line);
      if (fate === 'silent') continue;
      if (fate === 'lost') {
        request.socket.destroy();
        return;
      }
      const answer = 'position' in fate ? { line, ...fate } : { line, problem: fate };
      response.write(`${JSON.stringify(answer)}\n`);
    }
    response.end('{"summary":{}}\n');
  }

  private async batch(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const lines = JSON.parse(await text(request)) as Line[];
    const fates = lines.map((line) => this.take(line));
    if (fates.includes('silent')) return;
    if (fates.includes('lost')) {
      request.socket.destroy();
      return;
    }
    const events = (fates as Exclude<Fate, string>[]).map((fate, index) => {
      if (!('position' in fate)) return { problem: fate };
      const [topic, partition, offset] = fate.position.split('/');
      return { ...fate, id: lines[index]?.id, topic, partition: Number(partition), offset };
    });
    response.writeHead(201, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ events }));
  }

  private take({ id, traceparent, data }: Line): Fate {
    const event = { id, attempt: attemptOf(traceparent) ?? 0, key: data.flightId, seq: data.delayMinutes };
    this.arrived.push(event);
    return this.decide(event);
  }
}

interface Line {
  readonly id: string;
  readonly traceparent: string;
  readonly data: { readonly flightId: string; readonly delayMinutes: unknown };
}
