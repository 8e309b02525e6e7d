import { STATUS_CODES } from 'node:http';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { ServerVariables } from '../configuration/shared-variables';
import type { Settings } from '../configuration/variable';
import type { ServiceLogger } from '../logging/logger';
import { standardMembers } from '../problem/problem';

type Limits = Pick<Settings<ServerVariables>, 'HEADERS_TIMEOUT_MS' | 'MAX_HEADER_BYTES'>;

/** Node looks for connections whose time is up this often. */
const maxCheckMs = 1_000;

/**
 * What Node itself refuses before there is a request: headers that are too large or too slow, and what is not HTTP. Each
 * is answered as a problem, the connection is closed, and the log has the reason. The number of headers is not cut silently,
 * as Node does by default; whoever needs a limit counts them.
 */
export function httpLimits(settings: Limits, logger: ServiceLogger) {
  const { HEADERS_TIMEOUT_MS: headersTimeout, MAX_HEADER_BYTES: maxHeaderSize } = settings;
  return {
    http: {
      headersTimeout,
      maxHeaderSize,
      connectionsCheckingInterval: Math.min(maxCheckMs, headersTimeout),
    },
    clientErrorHandler: (error: NodeJS.ErrnoException, socket: Socket) => {
      if (error.code === 'ECONNRESET' || socket.destroyed) return;
      const { status, code, detail } = refusal(error.code, settings);
      logger.warn({ status, reason: detail, remote: socket.remoteAddress }, 'a connection was closed');
      if (socket.writable)
        socket.write(answer(status, JSON.stringify({ ...standardMembers(code, status), detail })));
      socket.destroySoon();
    },
  };
}

/** Connections above the limit are closed as they come; the log says so once a second at most. */
export function limitConnections(server: Server, maxConnections: number, logger: ServiceLogger): void {
  let quietUntil = 0;
  server.maxConnections = maxConnections;
  server.maxHeadersCount = 0;
  server.on('drop', () => {
    if (performance.now() < quietUntil) return;
    quietUntil = performance.now() + 1_000;
    logger.warn({ maxConnections }, 'connections are closed at once: MAX_CONNECTIONS are open');
  });
}

function refusal(
  code: string | undefined,
  settings: Limits,
): { status: number; code: string; detail: string } {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return {
        status: 408,
        code: 'headers-timeout',
        detail: `The headers of the request did not arrive within ${settings.HEADERS_TIMEOUT_MS} ms.`,
      };
    case 'HPE_HEADER_OVERFLOW':
      return {
        status: 431,
        code: 'headers-too-large',
        detail: `The headers of the request are larger than ${settings.MAX_HEADER_BYTES} bytes.`,
      };
    default:
      return { status: 400, code: 'not-http', detail: 'The request is not HTTP/1.1.' };
  }
}

function answer(status: number, body: string): string {
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Error'}`,
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}
