import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { InvalidOptionError } from './errors';

/** What a command was told of the events that it is to publish. */
export interface PublishSource {
  /** A file of lines; `-`, or nothing, is standard input. */
  readonly file?: string;
  /** One event from the arguments, in place of lines. */
  readonly data?: string;
  /** The type of all events; lines are then the data alone. */
  readonly type?: string;
  readonly id?: string;
  readonly source?: string;
  readonly time?: string;
  readonly subject?: string;
}

/**
 * The events as lines of one CloudEvent each. Nothing is read into memory as a whole, and data keeps its own text, so
 * that long numbers keep their digits.
 * @throws InvalidOptionError
 */
export function eventLines(from: PublishSource): AsyncIterable<string> {
  const { data, type, file, id, source, time, subject } = from;
  if (data === undefined) {
    if (id !== undefined || time !== undefined || subject !== undefined) {
      throw new InvalidOptionError(
        '--data',
        'the data of the one event that --id, --time and --subject speak of',
      );
    }
    return readLines(file, type === undefined ? (line) => line : (line) => envelope(line, { type, source }));
  }
  if (type === undefined) throw new InvalidOptionError('--type', 'the type of the event that --data is');
  if (file !== undefined)
    throw new InvalidOptionError('--data', 'either one event or a file of them, not both');
  return Readable.from([envelope(data, { type, id, source, time, subject })]);
}

async function* readLines(
  file: string | undefined,
  toEvent: (line: string) => string,
): AsyncGenerator<string> {
  const input = file === undefined || file === '-' ? process.stdin : createReadStream(file);
  const failed = new Promise<never>((_, reject) => input.once('error', reject));
  // Only the race below looks at it.
  failed.catch(() => undefined);
  const lines = createInterface({ input, crlfDelay: Infinity })[Symbol.asyncIterator]();
  for (;;) {
    const next = await Promise.race([lines.next(), failed]);
    if (next.done === true) return;
    // An empty line gets no answer, and its number counts.
    yield next.value.trim() === '' ? '' : toEvent(next.value);
  }
}

/** A line that is no JSON is passed on as it is: the producer says what is wrong with it, under its number. */
function envelope(data: string, attributes: Readonly<Record<string, string | undefined>>): string {
  try {
    JSON.parse(data);
  } catch {
    return data.replaceAll('\n', ' ');
  }
  const head = JSON.stringify(attributes).slice(0, -1);
  return `${head},"data":${data.replaceAll('\n', ' ')}}`;
}
