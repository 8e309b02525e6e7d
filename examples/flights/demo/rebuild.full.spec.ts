import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Replays } from './replays';
import { expectExit, runDemo, untilPrinted } from './test/demo-run';
import type { DemoRun } from './test/demo-run';

/** The replay service that a run has started. */
function replayUrlOf(run: DemoRun): string {
  const [, url = ''] = /^ {2}replay +(http\S+)$/m.exec(run.text()) ?? [];
  expect(url).not.toBe('');
  return url;
}

function post(url: string): Promise<Response> {
  return fetch(url, { method: 'POST' });
}

describe('the rebuild of npm start', () => {
  let directory: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'millrace-demo-'));
  });

  afterAll(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  it('goes on with one that an earlier run left, and says how when it is paused', async () => {
    const up = runDemo(directory, []);
    await untilPrinted(up, 'Ctrl-C stops everything');
    expect(up.text()).toContain('npm run millrace -- projections rollback flight');
    const replays = new Replays(replayUrlOf(up), new AbortController().signal);
    await replays.release('flight');
    const left = await replays.rebuild('flight');
    expect((await post(`${replayUrlOf(up)}/v1/replays/${left.id}/pause`)).status).toBe(200);
    up.child.kill('SIGINT');
    expect(await up.exit).toBe(0);

    const next = runDemo(directory, ['--exit']);
    await untilPrinted(next, `flight: rebuild ${left.id} of an earlier run goes on`);
    await untilPrinted(next, `npm run millrace -- replay resume ${left.id}`);
    expect((await post(`${replayUrlOf(next)}/v1/replays/${left.id}/resume`)).status).toBe(200);
    await expectExit(next, 0);
    expect(JSON.parse(next.lastLine())).toMatchObject({ equal: true, rebuilt: 'equal' });
  });
});
