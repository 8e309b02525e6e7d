import { createHash } from 'node:crypto';
import type { FastifyReply } from 'fastify';

/** Proxies and clients take some kilobytes of headers altogether. */
const MAX_POSITIONS_HEADER_BYTES = 4_096;

/**
 * Answers with `content` and the positions that it includes, or 304 when the client has this content already. The tag is of
 * the content alone: what else was folded meanwhile, the positions show, and the answer is not sent again for it. Positions
 * that are too long for a header are announced as left out there; then the body is always sent, for they are in it.
 */
export function sendAnswer(
  reply: FastifyReply,
  {
    content,
    positions,
    known,
  }: {
    readonly content: Readonly<Record<string, unknown>>;
    readonly positions: readonly string[];
    /** What the client sent as If-None-Match. */
    readonly known: string | undefined;
  },
): void {
  const text = JSON.stringify(content);
  const tag = `W/"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`;
  const isComplete = showPositions(reply, positions);
  void reply.header('etag', tag).header('cache-control', 'no-cache');
  if (isComplete && isKnown(tag, known)) {
    void reply.status(304).send();
    return;
  }
  void reply
    .header('content-type', 'application/json; charset=utf-8')
    .send(`${text.slice(0, -1)},"positions":${JSON.stringify(positions)}}`);
}

/** Puts positions into a header of any answer, problems too; `false` when they are too long for it, which it then says. */
export function showPositions(reply: FastifyReply, positions: readonly string[]): boolean {
  const text = positions.join(',');
  const isComplete = text.length <= MAX_POSITIONS_HEADER_BYTES;
  if (isComplete) void reply.header('millrace-positions', text);
  else {
    const why = `${positions.length} positions, ${text.length} bytes; they are in the body`;
    void reply.header('millrace-positions-omitted', why);
  }
  return isComplete;
}

/** If-None-Match compares weakly (RFC 9110, 13.1.2). */
function isKnown(tag: string, known: string | undefined): boolean {
  if (known === undefined) return false;
  const bare = (each: string) => each.trim().replace(/^W\//, '');
  return known.trim() === '*' || known.split(',').some((each) => bare(each) === bare(tag));
}
