import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readAttempts } from '../read-attempts';
import { FakeProducer } from '../test/fake-producer';
import type { Arrived, Fate } from '../test/fake-producer';
import { waitFor } from '../../wait-for';
import { LedgerGenerator } from './ledger-generator';
import type { LedgerGeneratorOptions } from './ledger-generator';

const position = 'flights/0/1';
const plain = { repeatShare: 0, invalidShare: 0 };
const oneByOne = { ...plain, keys: 1, streamShare: 0 };

describe('LedgerGenerator', () => {
  let producer: FakeProducer;
  let directory: string;

  beforeEach(async () => {
    producer = await FakeProducer.start();
    directory = await mkdtemp(join(tmpdir(), 'millrace-ledger-'));
  });

  afterEach(async () => {
    producer.stop();
    await rm(directory, { recursive: true, force: true });
  });

  /** Publishes until the condition holds, and gives the attempts and the summary. */
  async function generate(
    settings: Partial<LedgerGeneratorOptions>,
    isEnough: () => boolean,
    settleMs?: number,
  ) {
    const file = join(directory, 'attempts.ndjson');
    const defaults = { run: 'r', seed: 1, producerUrls: [producer.url], eventsPerSecond: 2_000, keys: 3 };
    const generator = await LedgerGenerator.start({ ...defaults, file, ...settings });
    try {
      await waitFor('enough attempts', () => isEnough());
    } finally {
      await generator.stop(settleMs === undefined ? {} : { settleMs });
    }
    return { attempts: await readAttempts(file), summary: generator.summary };
  }

  const arrivedAtLeast = (count: number) => () => producer.arrived.length >= count;
  const numbersOf = (key: string) =>
    producer.arrived.filter((event) => event.key === key).map(({ seq }) => seq);

  it('publishes each key in order over every way, and writes down every attempt with its outcome', async () => {
    const { attempts, summary } = await generate({ ...plain, clientShare: 0.5 }, arrivedAtLeast(150));
    for (const key of ['1-k0', '1-k1', '1-k2']) {
      expect(numbersOf(key)).toEqual(numbersOf(key).map((_, index) => index + 1));
    }
    expect(attempts.map(({ id, n }) => `${id} ${n}`).sort()).toEqual(
      producer.arrived.map(({ id, attempt }) => `${id} ${attempt}`).sort(),
    );
    const ways = ['single', 'stream', 'client', 'client-kafka'];
    expect(new Set(attempts.map(({ way }) => way))).toEqual(new Set(ways));
    expect(attempts.every(({ outcome }) => outcome.outcome === 'acknowledged')).toBe(true);
    expect(summary).toMatchObject({ events: attempts.length, acknowledged: attempts.length, unsettled: [] });
  });

  it.each(['single', 'stream'] as const)(
    'has an attempt on disk before it sends it, over the way %s',
    async (way) => {
      let seen = Promise.resolve(0);
      producer.decide = ({ attempt }) => {
        seen = seen.then(async (missing) => {
          const attempts = await readAttempts(join(directory, 'attempts.ndjson'));
          return missing + (attempts.some(({ n }) => n === attempt) ? 0 : 1);
        });
        return { position };
      };
      await generate({ streamShare: way === 'stream' ? 1 : 0 }, arrivedAtLeast(20));
      expect(await seen).toBe(0);
    },
  );

  it.each([
    ['single', 'lost', 'lost', /:"no answer: /],
    ['stream', 'lost', 'lost', /:"no answer: /],
    ['single', 'not answered', 'silent', /:"no answer: .*timeout/],
    ['stream', 'not answered', 'silent', /:"no answer within 300 ms/],
    ['single', 'said to be unknown', { status: 503, outcome: 'unknown', type: 'urn:a' }, /:"503 urn:a/],
    ['stream', 'said to be unknown', { status: 503, outcome: 'unknown', type: 'urn:a' }, /:"503 urn:a/],
  ] as const)(
    'sends an event over the way %s again with its id when it is %s, before the next one of its key',
    async (way, _what, fate, reason) => {
      const troubled = new Set<string>();
      const first: Fate = fate;
      producer.decide = ({ id }: Arrived) => {
        if (troubled.size > 0 || id === 'r-1') return { position };
        troubled.add(id);
        return first;
      };
      const settings = { keys: 1, streamShare: way === 'stream' ? 1 : 0, burst: 1, timeoutMs: 300 };
      const { attempts, summary } = await generate({ ...settings, ...plain }, arrivedAtLeast(6));
      const [unknown, again] = attempts.filter(({ id }) => troubled.has(id));
      expect(unknown!.outcome.outcome).toBe('unknown');
      expect(JSON.stringify(unknown!.outcome)).toMatch(reason);
      expect(again).toMatchObject({ kind: 'again', outcome: { outcome: 'acknowledged' } });
      expect(again!.n).toBe(unknown!.n + 1);
      expect(numbersOf('1-k0').slice(0, 4)).toEqual([1, 2, 2, 3]);
      expect(summary).toMatchObject({ unknown: 1, refused: 0, unsettled: [] });
    },
  );

  it('counts what the client tries again by itself as one attempt, and what it gives up as unknown', async () => {
    producer.decide = ({ id, seq }) => {
      const tries = producer.arrived.filter((event) => event.id === id).length;
      if (seq === 2) return 'silent';
      return seq === 1 && tries === 1 ? 'lost' : { position };
    };
    const settings = { ...oneByOne, clientShare: 1, burst: 1, resend: false, timeoutMs: 500 };
    const { attempts } = await generate(settings, arrivedAtLeast(3));
    expect(attempts.slice(0, 2).map(({ outcome }) => outcome.outcome)).toEqual(['acknowledged', 'unknown']);
    expect(numbersOf('1-k0').slice(0, 3)).toEqual([1, 1, 2]);
  });

  it('leaves an unknown event as it is when told so, and names it', async () => {
    producer.decide = ({ seq }) => (seq === 2 ? 'lost' : { position });
    const { summary } = await generate({ ...oneByOne, resend: false }, arrivedAtLeast(4));
    expect(numbersOf('1-k0').slice(0, 4)).toEqual([1, 2, 3, 4]);
    expect(summary).toMatchObject({ unknown: 1, unsettled: ['r-2'] });
  });

  it('sends an event again that is refused for now, and not one that is refused for good', async () => {
    producer.decide = ({ seq, attempt }) => {
      if (seq === 2 && attempt === 2) return { status: 503, outcome: 'not-written', type: 'urn:a' };
      return seq === 3 ? { status: 413, type: 'urn:b' } : { position };
    };
    const { attempts, summary } = await generate(oneByOne, arrivedAtLeast(6));
    expect(numbersOf('1-k0').slice(0, 5)).toEqual([1, 2, 2, 3, 4]);
    expect(attempts[1]!.outcome).toEqual({ outcome: 'refused', status: 503, type: 'urn:a' });
    expect(summary).toMatchObject({ refused: 2, unknown: 0, unsettled: ['r-4'] });
  });

  it('sends declared repeats of what was acknowledged, and invalid events once', async () => {
    producer.decide = ({ seq }) => (seq === 'late' ? { status: 422, type: 'urn:a' } : { position });
    const { attempts, summary } = await generate({ repeatShare: 0.3, invalidShare: 0.3 }, arrivedAtLeast(60));
    const repeats = attempts.filter(({ kind }) => kind === 'repeat');
    const invalid = attempts.filter(({ kind }) => kind === 'invalid');
    expect(summary).toMatchObject({
      repeats: repeats.length,
      invalid: invalid.length,
      refused: invalid.length,
    });
    expect(Math.min(repeats.length, invalid.length)).toBeGreaterThan(0);
    for (const { id, key, seq } of repeats) {
      expect(attempts).toContainEqual(expect.objectContaining({ kind: 'event', id, key, seq }));
    }
    expect(new Set(invalid.map(({ id }) => id)).size).toBe(invalid.length);
  });

  it('gives up what stays unknown when its time is over, and names it', async () => {
    producer.decide = () => 'lost';
    const { summary } = await generate(oneByOne, arrivedAtLeast(1), 0);
    expect(summary).toMatchObject({ events: 1, acknowledged: 0, unsettled: ['r-1'] });
  });

  it('does not add to the attempts of another run', async () => {
    await generate({}, arrivedAtLeast(1));
    await expect(generate({}, arrivedAtLeast(1))).rejects.toThrow('EEXIST');
  });
});
