import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expectNothingLeft, pidOf, runDemo, untilPrinted } from './test/demo-run';

const aNumber = expect.any(Number) as number;
const PROCESSES = ['producer', 'consumer', 'projection', 'replay', 'kafka', 'registry', 'postgres', 'feeder'];
const PROVEN = {
  published: 40_000,
  consumed: 40_000,
  projected: 40_000,
  equal: true,
  delayMinutes: 154_078,
  seconds: aNumber,
  rebuilt: 'equal',
  rates: { feed: aNumber, fold: aNumber, rebuild: aNumber },
  memoryMiB: Object.fromEntries(PROCESSES.map((name) => [name, aNumber])),
};

describe('npm start', () => {
  let directory: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'millrace-demo-'));
  });

  afterAll(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  it('with --exit proves the read models, says so in its last line, and leaves nothing behind', async () => {
    const first = runDemo(directory, ['--exit', '--fresh']);
    expect({ code: await first.exit, text: first.text() }).toMatchObject({ code: 0 });
    expect(JSON.parse(first.lastLine())).toEqual(PROVEN);
    await expectNothingLeft(directory, first.text());
  });

  it('keeps its data, and feeding the same file again changes no read model', async () => {
    const again = runDemo(directory, ['--exit']);
    expect({ code: await again.exit, text: again.text() }).toMatchObject({ code: 0 });
    expect(JSON.parse(again.lastLine())).toEqual(PROVEN);
    expect(again.text()).toContain('as declared: flights');
    expect(again.text()).toContain('flight: released build 1, which an earlier swap kept for rollback');
  });

  it('stays up until Ctrl-C, which stops everything within 10 s', async () => {
    const up = runDemo(directory, []);
    await untilPrinted(up, 'Ctrl-C stops everything');
    const askedAt = performance.now();
    // npm forwards the signal that the terminal has sent already: it comes twice.
    up.child.kill('SIGINT');
    up.child.kill('SIGINT');
    expect(await up.exit).toBe(0);
    expect(performance.now() - askedAt).toBeLessThan(10_000);
    await expectNothingLeft(directory, up.text());
  });

  it.each(['apps/producer', 'postgres'])(
    'names %s when it is killed in the middle, and cleans up',
    async (victim) => {
      const doomed = runDemo(directory, ['--exit']);
      await untilPrinted(doomed, '\nFeed');
      const name = victim.replace('apps/', '');
      const pid = await pidOf(victim, doomed.child.pid);
      process.kill(pid, 'SIGKILL');
      expect(await doomed.exit).toBe(1);
      expect(doomed.text()).toContain(`Millrace failed: ${name} died unexpectedly`);
      await expectNothingLeft(directory, doomed.text());
    },
  );

  it('names the file that stands in its way', async () => {
    const blocked = await mkdtemp(join(tmpdir(), 'millrace-demo-'));
    await writeFile(join(blocked, '.millrace'), 'not a directory');
    const failing = runDemo(blocked, ['--exit']);
    expect(await failing.exit).toBe(1);
    expect(failing.text()).toContain('.millrace');
    await rm(blocked, { recursive: true });
  });

  it('refuses an option that it does not know, and shows its help', async () => {
    const mistaken = runDemo(directory, ['--flight']);
    expect(await mistaken.exit).toBe(2);
    expect(mistaken.text()).toContain('--fresh');
  });

  it('says which numbers of flights it takes', async () => {
    const mistaken = runDemo(directory, ['--flights', '3000001']);
    expect(await mistaken.exit).toBe(2);
    expect(mistaken.text()).toContain('--flights takes a whole number from 1 to 3,000,000, got 3000001');
  });
});
