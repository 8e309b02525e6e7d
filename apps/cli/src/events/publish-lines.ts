import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { ProducerRefusedError, ProducerUnreachableError } from './errors';

/** The producer's answer to one line; see docs/guides/publishing.md. */
export interface PublishAnswer {
  readonly line?: number;
  readonly id?: string;
  readonly position?: string;
  readonly problem?: { readonly type?: string; readonly title?: string; readonly detail?: string };
}

export interface PublishSummary {
  readonly published: number;
  readonly refused: number;
}

export interface PublishLinesOptions {
  /** Base address of the producer. */
  readonly url: string;
  readonly onAnswer: (answer: PublishAnswer) => Promise<void> | void;
  readonly signal: AbortSignal;
}

const CHUNK_CHARACTERS = 65_536;

/**
 * Publishes one JSON event a line through one streaming request, and gives each answer as it comes, in the order of the
 * lines. Lines are taken no faster than the producer takes them, so memory does not grow with their number.
 * @throws ProducerUnreachableError when nobody answers, or the answers end before their summary.
 * @throws ProducerRefusedError when the request as a whole is refused.
 */
export async function publishLines(
  lines: AsyncIterable<string>,
  { url, onAnswer, signal }: PublishLinesOptions,
): Promise<PublishSummary> {
  let answered = 0;
  const broken = (cause: unknown): ProducerUnreachableError =>
    new ProducerUnreachableError(url, { reason: reasonOf(cause), answered, cause });
  const response = await fetch(`${url.replace(/\/+$/, '')}/v1/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: Readable.toWeb(Readable.from(chunks(lines), { objectMode: false })),
    duplex: 'half',
    // A body that may have to follow a redirect is copied, and the copy is never read (nodejs/undici#4058).
    redirect: 'error',
    signal,
  }).catch((cause: unknown) => {
    signal.throwIfAborted();
    throw broken(cause);
  });
  if (!response.ok || response.body === null) {
    throw new ProducerRefusedError(url, response.status, detailOf(await response.text()));
  }
  let summary: PublishSummary | undefined;
  for await (const text of answerLines(response.body, (cause) => {
    signal.throwIfAborted();
    throw broken(cause);
  })) {
    const answer = JSON.parse(text) as PublishAnswer & { readonly summary?: PublishSummary };
    if (answer.summary !== undefined) summary = answer.summary;
    else {
      await onAnswer(answer);
      answered += 1;
    }
  }
  if (summary === undefined) throw broken(new Error('the answers ended without their summary'));
  return summary;
}

async function* answerLines(body: ReadableStream, fail: (cause: unknown) => never): AsyncGenerator<string> {
  const input = Readable.fromWeb(body);
  const lines = createInterface({ input });
  // readline leaves an error of its input to whoever listens, and then just ends.
  let broken: { readonly cause: unknown } | undefined;
  input.once('error', (cause: unknown) => {
    broken = { cause };
    lines.close();
  });
  yield* lines;
  if (broken !== undefined) fail(broken.cause);
}

async function* chunks(lines: AsyncIterable<string>): AsyncGenerator<string> {
  let chunk = '';
  for await (const line of lines) {
    chunk += `${line}\n`;
    if (chunk.length < CHUNK_CHARACTERS) continue;
    yield chunk;
    chunk = '';
  }
  yield chunk;
}

function detailOf(text: string): string | undefined {
  try {
    const { detail, title } = JSON.parse(text) as { detail?: string; title?: string };
    return detail ?? title;
  } catch {
    return undefined;
  }
}

/** What the innermost error says: Node wraps it in `fetch failed`. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  return error.cause === undefined ? error.message : reasonOf(error.cause);
}
