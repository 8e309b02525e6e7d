import type { IncomingMessage } from 'node:http';

const LINGER_MS = 1_000;

/**
 * After the answer: a client that is still sending would wait for ever for its body to be read. Its bytes are
 * passed over while it learns of the end, because a connection that is cut at once can take the answer with it.
 */
export function endUnread(request: IncomingMessage): void {
  if (request.complete) return;
  request.unpipe();
  request.resume();
  request.socket.end();
  setTimeout(() => request.socket.destroy(), LINGER_MS).unref();
}
