import type { IncomingMessage } from 'node:http';
import { BodyTooLargeError, BodyTimeoutError } from '../request-errors';
import type { BodyBudget, BodyCharge } from './body-budget';
import { contentEncoding, inflateBody } from './content-encoding';

export interface BodyLimits {
  /** Of the body as it comes and as it is inflated. */
  readonly maxBytes: number;
  /** How long a client may take to send it. */
  readonly timeoutMs: number;
  readonly budget: BodyBudget;
}

/**
 * Reads a whole body, inflates it, and hands it to `use`; what it holds counts against the budget until `use` has settled.
 * @throws EncodingNotSupportedError, BodyTooLargeError, BodiesFullError, BodyTimeoutError, BodyEncodingError: each as soon
 *   as it is known, with the rest of the body unread; and what `use` throws.
 */
export async function withBody<T>(
  request: IncomingMessage,
  limits: BodyLimits,
  use: (body: Buffer) => T | Promise<T>,
): Promise<T> {
  const encoding = contentEncoding(request);
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > limits.maxBytes) throw new BodyTooLargeError(limits.maxBytes);
  const charge = limits.budget.open(announced);
  try {
    const bytes = await collect(request, limits, charge);
    const body = inflateBody(bytes, encoding, limits.maxBytes);
    if (body !== bytes) charge.add(body.length);
    return await use(body);
  } finally {
    charge.release();
  }
}

function collect(request: IncomingMessage, limits: BodyLimits, charge: BodyCharge): Promise<Buffer> {
  const { maxBytes, timeoutMs } = limits;
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const settle = (): void => {
      clearTimeout(timer);
      request.off('data', take).off('end', end).off('close', cut);
    };
    const fail = (error: Error): void => {
      settle();
      request.pause();
      reject(error);
    };
    const take = (chunk: Buffer): void => {
      length += chunk.length;
      if (length > maxBytes) return fail(new BodyTooLargeError(maxBytes));
      try {
        charge.add(chunk.length);
      } catch (error) {
        return fail(error instanceof Error ? error : new Error(String(error)));
      }
      chunks.push(chunk);
    };
    const end = (): void => {
      settle();
      resolve(chunks.length === 1 ? (chunks[0] ?? Buffer.alloc(0)) : Buffer.concat(chunks, length));
    };
    // For a connection that broke too: nobody hears that answer.
    const cut = (): void => fail(new BodyTimeoutError(timeoutMs));
    const timer = setTimeout(cut, timeoutMs);
    if (request.destroyed) return cut();
    // The listener for errors stays: a connection that breaks later concerns nobody any more.
    request
      .on('data', take)
      .on('end', end)
      .on('close', cut)
      .on('error', () => undefined);
  });
}
