import { waitFor } from '@millrace/testing';
import type { ParkedEvent, ProjectionDetails, Run } from '../replay/answers';
import { ReplaysUnderTest } from './replays-under-test';

// Each test goes on where the one before it has left the stack.
describe('millrace projections', () => {
  let replays: ReplaysUnderTest;

  beforeAll(async () => {
    replays = await ReplaysUnderTest.start();
    await replays.land({ a: 5, b: 0, c: -3 });
  });
  afterAll(() => replays.stop());

  it('list shows lag in records and in time, rate, rows and size, and that nobody has verified it yet', async () => {
    const list = () => replays.run('projections', 'list');
    await waitFor('a rate', async () => (await list()).stdout.includes('0/s'));
    expect((await list()).stdout).toMatch(
      /│ delay +│ +1 │ +1 │ live +│ +0 │ +0 s │ +0\/s │ +0 │ +(–|~ 3) │ \d+\.0 KiB │ never +│/,
    );
  });

  it('show has its definition, its table and its partitions', async () => {
    const { code, stdout } = await replays.run('projections', 'show', 'delay');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^delay is served from version 1, build 1\n {2}entity +of flights, by flightId\n/);
    expect(stdout).toMatch(/version 1, build 1 is live: read_model\.delay_v1, since /);
    expect(stdout).toMatch(/│ flights\/5 │ .* running │/);
    expect(await replays.run('projections', 'show', 'nothing')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('known: delay') as string,
    });
  });

  it('verify finds the live rows to be what the log says, and keeps that it has', async () => {
    const { code, stdout, stderr } = await replays.run('projections', 'verify', 'delay', '--watch');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^replay 1, a verification of delay \(version 1, build 2\): building/);
    expect(stdout).toMatch(
      /\nreplay 1, a verification of delay \(version 1, build 1\): the live rows are what the log says\n {2}3 rows, digest/,
    );
    expect((await replays.run('projections', 'list')).stdout).toMatch(/│ equal, \d+ s ago │/);
  });

  it('verify finds what was changed by hand, exits with 1, and leaves it', async () => {
    await replays.query("UPDATE read_model.delay_v1 SET minutes = 99 WHERE flight_id = 'a'");
    const { code, stdout } = await replays.run('projections', 'verify', 'delay', '--watch');
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /the live rows are not what the log says\n.*1 key differs: 1 changed, 0 only live, 0 only in the log\n {2}differing columns: minutes in 1 row\n {2}a\n {4}minutes: live 99, in the log 5\nNothing was changed\./s,
    );
    const { stdout: shown } = await replays.run('projections', 'show', 'delay', '--json');
    expect(JSON.parse(shown) as ProjectionDetails).toMatchObject({
      liveBuild: 1,
      lastVerification: { equal: false, keys: '1', differing: { columns: { minutes: '1' } } },
    });
  });

  it('verify takes a sample, and says when it cannot', async () => {
    const { stdout } = await replays.run('projections', 'verify', 'delay', '--sample', '50%', '--json');
    const { id } = JSON.parse(stdout) as Run;
    expect(JSON.parse(stdout)).toMatchObject({ kind: 'verify', sample: { share: 0.5 } });
    const watched = await replays.run('replay', 'watch', String(id));
    expect(watched.stdout).toMatch(/log says, in a sample of 50% of the keys\n/);
    const wrong = await replays.run('projections', 'verify', 'delay', '--sample', 'half');
    expect(wrong).toMatchObject({ code: 1, stdout: '' });
    expect(wrong.stderr).toContain('Expected a share of the keys such as 1%');
    await replays.query("UPDATE read_model.delay_v1 SET minutes = 5 WHERE flight_id = 'a'");
  });

  it('rebuild --hold proves and waits; diff looks at it, and swap lets it go live', async () => {
    expect(await replays.run('projections', 'diff', 'delay')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('millrace projections rebuild delay --hold') as string,
    });
    const held = await replays.run('projections', 'rebuild', 'delay', '--hold', '--watch');
    expect(held.code).toBe(6);
    expect(held.stdout).toMatch(/ is held, and waits for you\.\nproven equal: 3 rows/);
    const diff = await replays.run('projections', 'diff', 'delay');
    expect(diff).toMatchObject({ code: 0, stderr: '' });
    expect(diff.stdout).toMatch(/: review, .*\n {2}no key differs\nTo let it go live, or not:\n/s);
    const swapped = await replays.run('projections', 'swap', 'delay');
    expect(swapped).toMatchObject({ code: 0, stderr: '' });
    expect(swapped.stdout).toMatch(/^replay \d+ is done: delay is served from version 1, build \d+$/m);
    expect(await replays.run('projections', 'swap', 'delay')).toMatchObject({ code: 1, stdout: '' });
  });

  it('verify works beside a build that is kept, where a rebuild is refused', async () => {
    expect(await replays.run('projections', 'rebuild', 'delay', '--no-swap')).toMatchObject({ code: 2 });
    expect(await replays.run('projections', 'verify', 'delay', '--watch')).toMatchObject({ code: 0 });
  });

  it('parked shows the events that cannot be folded in each build, and why', async () => {
    await replays.host('delay-strict');
    await replays.land({ d: 1, late: 5_000, later: 6_000 });
    await waitFor('both keys to be parked in both builds', async () => (await parked()).length === 4);
    const { code, stdout, stderr } = await replays.run('projections', 'parked', 'delay');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/│ version 1, build \d+ │ live +│ late +│ flights\/\d\/\d+ │ +1 │ /);
    expect(stdout).toMatch(/│ version 1, build \d+ │ previous +│ later +│ flights\/\d\/\d+ │ +1 │ /);
    expect(stdout).toMatch(
      /^flights\/\d\/\d+: .*its fold of flights\.FlightLanded threw: nobody waits for so long$/m,
    );
  });

  it('retry wants to know what, and what is retried before its fold is mended stays parked', async () => {
    expect(await replays.run('projections', 'retry', 'delay')).toMatchObject({ code: 1, stdout: '' });
    const { stdout } = await replays.run('projections', 'retry', 'delay', '--key', 'late');
    expect(stdout).toMatch(/^in all builds of delay: 2 keys and 0 halted partitions folded again; /);
    await waitFor('the event to have failed again', async () =>
      (await parked()).every(({ retrying }) => !retrying),
    );
    expect(new Set((await parked()).map(({ key }) => key))).toEqual(new Set(['late', 'later']));
  });

  it('retry folds what a mended fold can, and skip goes on without the rest', async () => {
    await replays.host('delay');
    expect(await replays.run('projections', 'retry', 'delay', '--key', 'late')).toMatchObject({ code: 0 });
    const [later] = await waitFor('the mended key to be folded in both builds', async () => {
      const left = await parked();
      return left.every(({ key }) => key === 'later') && left;
    });
    const skip = (position: string) =>
      replays.run('projections', 'skip', 'delay', position, '--reason', 'a trial flight');
    expect(await skip('flights/0/999')).toMatchObject({ code: 1, stdout: '' });
    const place = later!.position;
    const { code, stdout } = await skip(place);
    expect({ code, stdout }).toEqual({ code: 0, stdout: `delay goes on without ${place} in version 1\n` });
    await waitFor('nothing to be parked', async () => (await parked()).length === 0);
    expect((await replays.run('projections', 'parked', 'delay')).stdout).toBe('nothing of delay is parked\n');
    expect(await replays.query('SELECT flight_id FROM read_model.delay WHERE minutes > 1000')).toEqual([
      { flight_id: 'late' },
    ]);
  });

  async function parked(): Promise<readonly ParkedEvent[]> {
    const { stdout } = await replays.run('projections', 'parked', 'delay', '--json');
    return (JSON.parse(stdout) as { readonly parked: ParkedEvent[] }).parked;
  }
});
