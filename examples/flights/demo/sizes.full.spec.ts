import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expectExit, runDemo } from './test/demo-run';

describe('npm start -- --flights', () => {
  let directory: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'millrace-demo-'));
  });

  afterAll(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  it('feeds fewer or more flights from data of their own, and the larger ones only once', async () => {
    const few = runDemo(directory, ['--exit', '--flights', '100']);
    await expectExit(few, 0);
    expect(JSON.parse(few.lastLine())).toMatchObject({ published: 200, projected: 200, equal: true });
    const first = runDemo(directory, ['--exit', '--flights', '20001']);
    await expectExit(first, 0);
    expect(first.text()).toContain('3m-');
    expect(JSON.parse(first.lastLine())).toMatchObject({
      published: 40_002,
      projected: 40_002,
      equal: true,
    });
    const again = runDemo(directory, ['--exit', '--flights', '20001']);
    await expectExit(again, 0);
    expect(JSON.parse(again.lastLine())).toMatchObject({
      published: 0,
      projected: 40_002,
      equal: true,
      rebuilt: 'equal',
    });
  });
});
