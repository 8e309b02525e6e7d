import { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import type { Position } from '@millrace/event';
import { silentLogger, waitFor } from '@millrace/testing';
import type { StreamBody } from '../body/body-chunks';
import { publishStream } from '../event-stream';
import type { EventStreamOptions } from '../event-stream';
import { parseAnswers } from './producer-under-test';

const MAX_IN_FLIGHT = 10;

function* endlessLines(): Generator<string> {
  for (let id = 1; ; id++) yield `{"type":"parcels.ParcelSent","id":"${id}","data":{}}\n`;
}

function linesText(count: number): string {
  const lines = endlessLines();
  return Array.from({ length: count }, () => lines.next().value as string).join('');
}

const someLines = (count: number): Readable => Readable.from([linesText(count)], { objectMode: false });

/** A log in which each event is acknowledged when the test says so. */
function fakeLog() {
  const taken: { id: string; acknowledge: () => void; fail: (error: Error) => void }[] = [];
  return {
    taken,
    publish: ({ attributes: { id } }: { readonly attributes: { readonly id: string } }) =>
      new Promise<Position>((resolve, reject) => {
        const position = { topic: 'parcels', partition: 0, offset: BigInt(taken.length) };
        taken.push({ id, acknowledge: () => resolve(position), fail: reject });
      }),
  };
}

/** A body as it would come from a client that is never waited for in vain. */
const bodyOf = (readable: Readable): StreamBody => ({
  readable,
  stallMs: 60_000,
  bytesReceived: () => 0,
  explain: (error) => error,
});

const publish = (readable: Readable, options: EventStreamOptions): Readable =>
  publishStream(bodyOf(readable), options);

function optionsFor(writePath: Partial<EventStreamOptions['writePath']>): EventStreamOptions {
  const stopping = new AbortController().signal;
  return {
    writePath: {
      publish: async () => ({ topic: 'parcels', partition: 0, offset: 0n }),
      room: () => undefined,
      stopping,
      ...writePath,
    },
    rules: { defaultSource: '/specs', maxExtensions: 5, maxExtensionBytes: 100 },
    maxLineBytes: 1_000,
    maxInFlight: MAX_IN_FLIGHT,
    log: silentLogger,
  };
}

async function turns(): Promise<void> {
  for (let count = 0; count < 200; count++) await turn();
}

describe('a stream of events', () => {
  it('has no more in flight than it may, however long the body is', async () => {
    const log = fakeLog();
    const answers = publish(Readable.from(endlessLines(), { objectMode: false }), optionsFor(log));
    answers.resume();
    await turns();
    expect(log.taken).toHaveLength(MAX_IN_FLIGHT);
    for (const { acknowledge } of log.taken.slice(0, 3)) acknowledge();
    await turns();
    expect(log.taken).toHaveLength(MAX_IN_FLIGHT + 3);
    answers.destroy();
  });

  it('reads the body no faster than its answers are read', async () => {
    let published = 0;
    const count = async () => ({ topic: 'parcels', partition: 0, offset: BigInt((published += 1)) });
    const answers = publish(
      Readable.from(endlessLines(), { objectMode: false }),
      optionsFor({ publish: count }),
    );
    const reader = answers[Symbol.asyncIterator]();
    await reader.next();
    await turns();
    const ahead = published;
    expect(ahead).toBeLessThanOrEqual(4 * MAX_IN_FLIGHT);
    await turns();
    expect(published).toBe(ahead);
    let read = 0;
    while (read < 100) read += parseAnswers(String((await reader.next()).value)).length;
    await turns();
    expect(published).toBeGreaterThanOrEqual(read);
    expect(published).toBeLessThanOrEqual(read + 4 * MAX_IN_FLIGHT);
    answers.destroy();
  });

  it('waits while the log has no room, instead of being refused', async () => {
    const log = fakeLog();
    const room = Promise.withResolvers<undefined>();
    let full = true;
    const answers = publish(
      someLines(3),
      optionsFor({ ...log, room: () => (full ? room.promise : undefined) }),
    );
    answers.resume();
    await turns();
    expect(log.taken).toEqual([]);
    full = false;
    room.resolve(undefined);
    await turns();
    expect(log.taken.map(({ id }) => id)).toEqual(['1', '2', '3']);
    answers.destroy();
  });

  it('answers in the order of the lines, whatever order they are acknowledged in', async () => {
    const log = fakeLog();
    const answers = publish(someLines(3), optionsFor(log)).toArray();
    await turns();
    for (const { acknowledge } of log.taken.toReversed()) acknowledge();
    expect(parseAnswers((await answers).join(''))).toEqual([
      { line: 1, id: '1', position: 'parcels/0/0' },
      { line: 2, id: '2', position: 'parcels/0/1' },
      { line: 3, id: '3', position: 'parcels/0/2' },
      { summary: { published: 3, refused: 0 } },
    ]);
  });

  it('answers an error that nobody knows with an id, logs the error under it, and goes on', async () => {
    const log = fakeLog();
    const lines: object[] = [];
    const options = {
      ...optionsFor(log),
      log: { ...silentLogger, error: (fields: object) => void lines.push(fields) },
    };
    const answers = publish(someLines(2), options).toArray();
    await turns();
    log.taken[0]?.fail(new Error('password=sesame'));
    log.taken[1]?.acknowledge();
    const [first, second, last] = parseAnswers((await answers).join(''));
    const problem = first?.['problem'] as Record<string, unknown>;
    expect(problem).toMatchObject({ status: 500 });
    expect(JSON.stringify(problem)).not.toContain('sesame');
    expect(lines).toEqual([
      { errorId: problem['errorId'], err: expect.objectContaining({ message: 'password=sesame' }) as Error },
    ]);
    expect(second).toMatchObject({ line: 2, position: 'parcels/0/1' });
    expect(last).toEqual({ summary: { published: 1, refused: 1 } });
  });

  it('answers what it has taken when a stop begins, and says that the rest is not read', async () => {
    const log = fakeLog();
    const stop = new AbortController();
    const body = new Readable({ read: () => undefined });
    const answers = publish(body, optionsFor({ ...log, stopping: stop.signal })).toArray();
    body.push(`${linesText(2)}{"type":"parcels.Par`);
    await turns();
    stop.abort();
    for (const { acknowledge } of log.taken) acknowledge();
    expect(parseAnswers((await answers).join(''))).toEqual([
      { line: 1, id: '1', position: 'parcels/0/0' },
      { line: 2, id: '2', position: 'parcels/0/1' },
      {
        problem: expect.objectContaining({ status: 503, outcome: 'not-written', retriable: true }) as unknown,
      },
      { summary: { published: 2, refused: 0 } },
    ]);
    expect(log.taken).toHaveLength(2);
  });

  it('ends with a reason when the client sends nothing for too long while it is waited for', async () => {
    const log = fakeLog();
    const body = new Readable({ read: () => undefined });
    const answers = publishStream({ ...bodyOf(body), stallMs: 20 }, optionsFor(log)).toArray();
    body.push(`${linesText(1)}{"type":"parcels.Par`);
    await waitFor('the line to be taken', () => log.taken.length === 1);
    log.taken[0]?.acknowledge();
    expect(parseAnswers((await answers).join(''))).toEqual([
      { line: 1, id: '1', position: 'parcels/0/0' },
      {
        problem: expect.objectContaining({
          type: 'urn:millrace:problem:stream-stalled',
          status: 408,
        }) as unknown,
      },
      { summary: { published: 1, refused: 0 } },
    ]);
  });

  it('is not called stalled while bytes come that make no line yet', async () => {
    const body = new Readable({ read: () => undefined });
    let looks = 0;
    // At each look, a byte has come.
    const slow = { ...bodyOf(body), stallMs: 5, bytesReceived: () => (looks += 1) };
    const answers = publishStream(slow, optionsFor({})).toArray();
    await waitFor('time to pass', () => looks > 10);
    body.push(linesText(1));
    body.push(null);
    expect(parseAnswers((await answers).join('')).at(-1)).toEqual({ summary: { published: 1, refused: 0 } });
  });

  it('is not called stalled while it is the log that makes it wait', async () => {
    const log = fakeLog();
    const body = Readable.from([linesText(1), linesText(MAX_IN_FLIGHT)], { objectMode: false });
    const answers = publishStream({ ...bodyOf(body), stallMs: 5 }, optionsFor(log)).toArray();
    await waitFor('what may be taken to be taken', () => log.taken.length === MAX_IN_FLIGHT);
    const begun = performance.now();
    await waitFor('time to pass', () => performance.now() - begun > 100);
    for (const { acknowledge } of log.taken) acknowledge();
    await waitFor('the last line to be taken', () => log.taken.length > MAX_IN_FLIGHT);
    log.taken.at(-1)?.acknowledge();
    expect(parseAnswers((await answers).join('')).at(-1)).toEqual({
      summary: { published: MAX_IN_FLIGHT + 1, refused: 0 },
    });
  });

  it('breaks off when the connection breaks, also when it breaks without saying so', async () => {
    for (const reason of [new Error('reset'), undefined]) {
      const body = new Readable({ read: () => undefined });
      const answers = publish(body, optionsFor({})).toArray();
      body.push('{"type":"half');
      setImmediate(() => body.destroy(reason));
      await expect(answers).rejects.toThrow(reason?.message ?? 'The connection closed before the body ended');
    }
  });
});
