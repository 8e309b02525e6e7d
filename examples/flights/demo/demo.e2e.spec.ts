import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isPortFree } from '@millrace/stack';
import { waitFor } from '@millrace/testing';

const MAIN = join(import.meta.dirname, '../../../dist/examples/flights/demo/main.js');
const PROVEN = { published: 40_000, consumed: 40_000, projected: 40_000, equal: true, delayMinutes: 154_078 };

interface Run {
  readonly child: ChildProcess;
  /** Everything that it has printed so far, both streams. */
  readonly text: () => string;
  readonly lastLine: () => string;
  readonly exit: Promise<number | null>;
}

/** Runs the compiled example in a directory of its own; it keeps its data below the working directory. */
function run(directory: string, args: readonly string[]): Run {
  const child = spawn(process.execPath, ['--enable-source-maps', MAIN, ...args], { cwd: directory });
  const printed: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => printed.push(text));
  }
  const text = () => printed.join('');
  const exit = once(child, 'close').then(([code]) => code as number | null);
  return { child, text, lastLine: () => text().trimEnd().split('\n').at(-1) ?? '', exit };
}

/** The command lines of living processes that were started for this directory. */
async function processesOf(directory: string): Promise<string[]> {
  const found: string[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const read = (file: string) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
    const [command, environment] = await Promise.all([read('cmdline'), read('environ')]);
    const mine = command.includes(directory) || environment.includes(`PWD=${directory}\0`);
    if (mine && Number(pid) !== process.pid) found.push(command.replaceAll('\0', ' ').slice(0, 200));
  }
  return found;
}

/** Waits until the run has printed the text; a run that ends first, or takes too long, shows what it did print. */
async function untilPrinted(run: Run, wanted: string): Promise<void> {
  const ended = run.exit.then(() => true);
  await Promise.race([waitFor(wanted, () => run.text().includes(wanted), 60_000).catch(() => false), ended]);
  expect(run.text()).toContain(wanted);
}

async function expectNothingLeft(directory: string, text: string): Promise<void> {
  await waitFor('every process to be gone', async () => (await processesOf(directory)).length === 0, 5_000);
  const ports = [...text.matchAll(/127\.0\.0\.1:(\d+)/g)].map(([, port]) => Number(port));
  expect(ports.length).toBeGreaterThanOrEqual(3);
  const taken: number[] = [];
  for (const port of new Set(ports)) if (!(await isPortFree(port))) taken.push(port);
  expect(taken).toEqual([]);
}

describe('npm start', () => {
  let directory: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'millrace-demo-'));
  });

  afterAll(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  it('with --exit proves the read models, says so in its last line, and leaves nothing behind', async () => {
    const first = run(directory, ['--exit', '--fresh']);
    expect({ code: await first.exit, text: first.text() }).toMatchObject({ code: 0 });
    expect(JSON.parse(first.lastLine())).toEqual({ ...PROVEN, seconds: expect.any(Number) as number });
    await expectNothingLeft(directory, first.text());
  });

  it('keeps its data, and feeding the same file again changes no read model', async () => {
    const again = run(directory, ['--exit']);
    expect({ code: await again.exit, text: again.text() }).toMatchObject({ code: 0 });
    expect(JSON.parse(again.lastLine())).toEqual({ ...PROVEN, seconds: expect.any(Number) as number });
    expect(again.text()).toContain('as declared: flights');
  });

  it('stays up until Ctrl-C, which stops everything within 10 s', async () => {
    const up = run(directory, []);
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
      const doomed = run(directory, ['--exit']);
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
    const failing = run(blocked, ['--exit']);
    expect(await failing.exit).toBe(1);
    expect(failing.text()).toContain('.millrace');
    await rm(blocked, { recursive: true });
  });

  it('refuses an option that it does not know, and shows its help', async () => {
    const mistaken = run(directory, ['--flight']);
    expect(await mistaken.exit).toBe(2);
    expect(mistaken.text()).toContain('--fresh');
  });
});

/** The child of this process whose command line contains the text. */
async function pidOf(text: string, parent: number | undefined): Promise<number> {
  const children = await readFile(`/proc/${parent}/task/${parent}/children`, 'utf8');
  for (const pid of children.trim().split(' ')) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (command.includes(text)) return Number(pid);
  }
  throw new Error(`no child of ${parent} runs ${text}`);
}
