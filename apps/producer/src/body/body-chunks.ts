import type { Readable } from 'node:stream';
import { StreamStalledError } from '../request-errors';

/** A body that is read as it arrives. */
export interface StreamBody {
  /** Its bytes, inflated. */
  readonly readable: Readable;
  /** How long the client may send nothing while it is waited for. */
  readonly stallMs: number;
  /** How many bytes the client has sent so far: some that inflate to nothing yet have come all the same. */
  bytesReceived(): number;
  /** The error that a client may know instead of one that the reading of `readable` met. */
  explain(error: unknown): unknown;
}

/**
 * The chunks of a body as they arrive; ends early, and leaves the rest unread, when `stopping` aborts. The time that the
 * taker of a chunk takes is nobody's stall. Not the body's own iterator: leaving that one would destroy the connection
 * before the last answer is out.
 * @throws StreamStalledError, and the body's own error when the connection breaks.
 */
export async function* bodyChunks(body: StreamBody, stopping: AbortSignal): AsyncGenerator<Buffer> {
  const { readable } = body;
  let wake = Promise.withResolvers<undefined>();
  let broken: Error | undefined;
  const change = (): void => wake.resolve(undefined);
  const fail = (error: Error): void => {
    broken = error;
    change();
  };
  readable.on('readable', change).on('end', change).on('close', change).on('error', fail);
  stopping.addEventListener('abort', change);
  try {
    while (!stopping.aborted) {
      const chunk = readable.read() as Buffer | null;
      if (chunk !== null) {
        yield chunk;
        continue;
      }
      if (broken !== undefined) throw broken;
      if (readable.readableEnded) return;
      if (readable.destroyed) throw new Error('The connection closed before the body ended.');
      const stopWaiting = onStall(body, () => fail(new StreamStalledError(body.stallMs)));
      await wake.promise;
      stopWaiting();
      wake = Promise.withResolvers();
    }
  } finally {
    stopping.removeEventListener('abort', change);
    // The listener for errors stays: a connection that breaks later concerns nobody any more.
    readable.off('readable', change).off('end', change).off('close', change);
  }
}

function onStall(body: StreamBody, stalled: () => void): () => void {
  let seen = body.bytesReceived();
  const timer = setInterval(() => {
    if (body.bytesReceived() === seen) stalled();
    seen = body.bytesReceived();
  }, body.stallMs).unref();
  return () => clearInterval(timer);
}
