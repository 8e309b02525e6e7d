import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';

/** What became of one request: an answer, or none and whether anything of it had left this process. */
export type Exchange =
  | { readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: string }
  | { readonly sent: boolean; readonly error: Error };

export interface ConnectionOptions {
  /** From the beginning of a request to the end of its answer. */
  readonly requestTimeoutMs: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** An answer has a line or two for each event; more than this is no answer of a producer. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

/** Connections to producers, kept alive between requests. */
export class Connection {
  private readonly http = new HttpAgent({ keepAlive: true });
  private readonly https = new HttpsAgent({ keepAlive: true });

  constructor(private readonly options: ConnectionOptions) {}

  /**
   * Posts a batch of CloudEvents. Never rejects. `compose` makes the body in the moment in which there is a connection, so
   * that what was given up until then is not sent; undefined sends nothing.
   */
  post(url: URL, compose: () => string | undefined): Promise<Exchange> {
    const { requestTimeoutMs, headers } = this.options;
    const { promise, resolve } = Promise.withResolvers<Exchange>();
    const isTls = url.protocol === 'https:';
    const outgoing = (isTls ? httpsRequest : httpRequest)(url, {
      method: 'POST',
      agent: isTls ? this.https : this.http,
      headers: { ...headers, 'content-type': 'application/cloudevents-batch+json' },
    });
    let sent = false;
    let late: Error | undefined;
    const fail = (error: Error): void => resolve({ sent, error: late ?? error });
    const timer = setTimeout(() => {
      late = new Error(`no answer within ${requestTimeoutMs} ms`);
      outgoing.destroy(late);
    }, requestTimeoutMs);
    outgoing.on('error', fail);
    outgoing.on('socket', (socket) =>
      whenConnected(socket, () => {
        const body = compose();
        if (body === undefined) {
          outgoing.destroy(new Error('nobody waits for it any more'));
          return;
        }
        sent = true;
        outgoing.setHeader('content-length', Buffer.byteLength(body));
        outgoing.end(body);
      }),
    );
    outgoing.on('response', (response) => {
      readText(response).then((body) => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
      }, fail);
    });
    return promise.finally(() => clearTimeout(timer));
  }

  /** Ends every connection, also those with a request under way. */
  close(): void {
    this.http.destroy();
    this.https.destroy();
  }
}

function whenConnected(socket: Socket, go: () => void): void {
  if (socket.connecting) socket.once('connect', go);
  else go();
}

async function readText(response: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of response.setEncoding('utf8') as AsyncIterable<string>) {
    body += chunk;
    if (body.length > MAX_ANSWER_BYTES) throw new Error(`an answer of more than ${MAX_ANSWER_BYTES} bytes`);
  }
  return body;
}
