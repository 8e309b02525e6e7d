import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expectExit, expectNothingLeft, pidOf, PROVEN, runDemo, untilPrinted } from './test/demo-run';

describe('npm start, once it has run before', () => {
  let directory: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'millrace-demo-'));
    const first = runDemo(directory, ['--exit', '--fresh']);
    await expectExit(first, 0);
  });

  afterAll(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  it('keeps its data, and feeding the same file again changes no read model', async () => {
    const again = runDemo(directory, ['--exit']);
    await expectExit(again, 0);
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
});
