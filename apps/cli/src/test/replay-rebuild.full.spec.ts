import { waitFor } from '@millrace/testing';
import type { Plan, Run } from '../replay/answers';
import { ReplaysUnderTest } from './replays-under-test';

const equalRows = /proven equal: 3 rows, digest [0-9a-f]+ on both sides\n {2}at .*flights\/\d\/\d/;

// Each test goes on where the one before it has left the stack.
describe('millrace replay rebuild', () => {
  let replays: ReplaysUnderTest;

  beforeAll(async () => {
    replays = await ReplaysUnderTest.start();
    await replays.land({ a: 5, b: 0, c: -3 });
  });
  afterAll(() => replays.stop());

  it('begins with nothing: no replay, and one live build', async () => {
    expect(await replays.run('replay', 'list')).toEqual({
      code: 0,
      stdout: 'there was no replay yet\n',
      stderr: '',
    });
    expect(JSON.parse((await replays.run('replay', 'list', '--json')).stdout)).toEqual({ replays: [] });
    const { code, stdout } = await replays.run('projections', 'list');
    expect(code).toBe(0);
    expect(stdout).toMatch(/│ delay +│ +1 │ +1 │ live +│ +0 │ /);
  });

  it('is planned first: what would be read, and what was checked', async () => {
    const { code, stdout, stderr } = await replays.run('replay', 'plan', 'delay');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/beside the live version 1, build 1 \(the same logic\)/);
    expect(stdout).toMatch(/would read 3 events\nchecked:\n {2}- .*\nnothing speaks against it\n$/s);
    const plan = JSON.parse((await replays.run('replay', 'plan', 'delay', '--json')).stdout) as Plan;
    expect(plan).toMatchObject({ projection: 'delay', events: '3', refusals: [] });
  });

  it('shows a watched run in lines, and ends with what was proven and the ways on', async () => {
    const { code, stdout, stderr } = await replays.run('replay', 'rebuild', 'delay', '--watch');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^replay 1 of delay \(version 1, build 2\): building/);
    expect(stdout).toMatch(/^done: 100% \(3 of 3 events\)$/m);
    expect(stdout).toMatch(equalRows);
    expect(stdout).toMatch(/folding was held for \d+ ms at the swap \(\d+ attempts?\)/);
    expect(stdout).toContain('millrace projections rollback delay');
    const { stdout: builds } = await replays.run('projections', 'list');
    expect(builds).toMatch(/│ +1 │ previous .*│ +2 │ live /s);
  });

  it('is refused with 2 while the build before is kept', async () => {
    const { code, stdout, stderr } = await replays.run('replay', 'rebuild', 'delay', '--watch', '--json');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^millrace: .*keeps build 1.*millrace projections release delay\n$/);
  });

  it('can be rolled back, and the other build released', async () => {
    const back = await replays.run('projections', 'rollback', 'delay');
    expect(back).toMatchObject({ code: 0, stderr: '' });
    expect(back.stdout).toMatch(/^delay is served from version 1, build 1\nfolding was held for/);
    const released = await replays.run('projections', 'release', 'delay', '--json');
    expect(JSON.parse(released.stdout)).toEqual({ projection: 'delay', released: { version: 1, build: 2 } });
    expect(await replays.run('projections', 'release', 'delay')).toMatchObject({ code: 1, stdout: '' });
  });

  it('prints nothing but one JSON object for each change with --json, the last one being the end', async () => {
    const { code, stdout, stderr } = await replays.run('replay', 'rebuild', 'delay', '--watch', '--json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const runs = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Run);
    expect(runs.at(-1)).toMatchObject({ id: 2, state: 'done', proof: { equal: true } });
    const printed = stdout.split('\n');
    expect(printed.filter((line, index) => line === printed[index - 1])).toEqual([]);
    await replays.run('projections', 'release', 'delay');
  });

  it('goes on after Ctrl-C, which says how to watch it again', async () => {
    await replays.projection.process.kill('SIGSTOP');
    const id = await replays.rebuild();
    const watch = replays.begin('replay', 'watch', id);
    await waitFor('the watch to show the replay', () => /^\w+: 0%/.test(watch.printed.stdout));
    watch.kill('SIGINT');
    const { code, stderr } = await watch.ended;
    expect(code).toBe(130);
    expect(stderr).toBe(
      `replay ${id} goes on without this watch. To see it again: millrace replay watch ${id}\n`,
    );
    expect(JSON.parse((await replays.run('replay', 'show', id, '--json')).stdout)).toMatchObject({
      state: expect.stringMatching(/^(building|proving)$/) as string,
    });
  });

  it('is refused with 2 while one is under way, which is named', async () => {
    const { code, stderr } = await replays.run('replay', 'rebuild', 'delay');
    expect(code).toBe(2);
    expect(stderr).toMatch(/^millrace: Projection delay is being rebuilt by replay 3[^\n]*\n$/);
  });

  it('is watched through the death of the service', async () => {
    const watch = replays.begin('replay', 'watch', '3', '--json');
    await waitFor('the watch to show the replay', () => watch.printed.stdout !== '');
    await replays.replay.process.kill('SIGKILL');
    await waitFor('the watch to notice', () => watch.printed.stderr !== '');
    await replays.replay.process.start();
    await replays.projection.process.kill('SIGCONT');
    const { code, stdout, stderr } = await watch.ended;
    expect(code).toBe(0);
    expect(JSON.parse(stdout.trimEnd().split('\n').at(-1)!)).toMatchObject({ id: 3, state: 'done' });
    expect(stderr).toMatch(
      /^the replay service does not answer at \S+ .*REPLAY_URL.* Waiting for it for up to 60 s\.\n[^\n]* answers again\n$/,
    );
  });
});
