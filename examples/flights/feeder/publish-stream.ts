import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';

export interface PublishOptions {
  /** Base address of the producer. */
  readonly producerUrl: string;
  readonly onProgress: (published: number) => void;
  readonly signal: AbortSignal;
}

export interface Published {
  readonly published: number;
  /** The last position acknowledged in each partition: what a read model must include to show it all. */
  readonly positions: readonly string[];
}

interface Answer {
  readonly line?: number;
  readonly position?: string;
  readonly problem?: { readonly detail?: string; readonly title?: string };
  readonly summary?: { readonly published: number; readonly refused: number };
}

const CHUNK_CHARACTERS = 65_536;

/**
 * Publishes events over one streaming request and reads the acknowledgements as they come. Lines are taken no faster
 * than the producer takes them, so memory does not grow with their number.
 * @throws Error with the producer's own words when it refuses the stream or an event, or the connection breaks.
 */
export async function publishStream(
  lines: Iterable<string> | AsyncIterable<string>,
  options: PublishOptions,
): Promise<Published> {
  const response = await fetch(`${options.producerUrl}/v1/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: Readable.toWeb(Readable.from(chunks(lines), { objectMode: false })),
    duplex: 'half',
    // A body that may have to follow a redirect is copied, and the copy is never read: it would hold the whole stream
    // (nodejs/undici#4058).
    redirect: 'error',
    signal: options.signal,
  });
  if (!response.ok || response.body === null) {
    throw new Error(`The producer answered ${response.status}: ${await response.text()}`);
  }
  return readAnswers(response.body, options.onProgress);
}

async function readAnswers(
  body: ReadableStream,
  onProgress: (published: number) => void,
): Promise<Published> {
  const last = new Map<string, string>();
  let published = 0;
  let summary: Answer['summary'];
  for await (const text of createInterface({ input: Readable.fromWeb(body) })) {
    const answer = JSON.parse(text) as Answer;
    if (answer.problem !== undefined) {
      const { detail, title } = answer.problem;
      throw new Error(`The producer refused event ${answer.line}: ${detail ?? title}`);
    }
    if (answer.position !== undefined) {
      published += 1;
      // topic/partition/offset: acknowledgements of one partition come in the order of its log.
      last.set(answer.position.slice(0, answer.position.lastIndexOf('/')), answer.position);
      onProgress(published);
    }
    summary = answer.summary ?? summary;
  }
  if (summary === undefined) throw new Error('The producer ended the stream without its summary.');
  return { published: summary.published, positions: [...last.values()] };
}

async function* chunks(lines: Iterable<string> | AsyncIterable<string>): AsyncGenerator<string> {
  let chunk = '';
  for await (const line of lines) {
    chunk += `${line}\n`;
    if (chunk.length < CHUNK_CHARACTERS) continue;
    yield chunk;
    chunk = '';
  }
  yield chunk;
}
