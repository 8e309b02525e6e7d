import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expectExit, expectNothingLeft, PROVEN, runDemo } from './test/demo-run';

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
    await expectExit(first, 0);
    expect(JSON.parse(first.lastLine())).toEqual(PROVEN);
    await expectNothingLeft(directory, first.text());
  });

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
