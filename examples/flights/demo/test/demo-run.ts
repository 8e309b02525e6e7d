import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isPortFree } from '@millrace/stack';
import { waitFor } from '@millrace/testing';

const MAIN = join(import.meta.dirname, '../../../../dist/examples/flights/demo/main.js');

const aNumber = expect.any(Number) as number;
const PROCESSES = ['producer', 'consumer', 'projection', 'replay', 'kafka', 'registry', 'postgres', 'feeder'];

/** The last line of a run that has proven everything. */
export const PROVEN = {
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

/** One run of the compiled example. */
export interface DemoRun {
  readonly child: ChildProcess;
  /** Everything that it has printed so far, both streams. */
  readonly text: () => string;
  readonly lastLine: () => string;
  readonly exit: Promise<number | null>;
}

/** Runs the compiled example in a directory of its own; it keeps its data below the working directory. */
export function runDemo(directory: string, args: readonly string[]): DemoRun {
  const child = spawn(process.execPath, ['--enable-source-maps', MAIN, ...args], { cwd: directory });
  const printed: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => printed.push(text));
  }
  const text = () => printed.join('');
  const exit = once(child, 'close').then(([code]) => code as number | null);
  return { child, text, lastLine: () => text().trimEnd().split('\n').at(-1) ?? '', exit };
}

/** Waits for its end. @throws Error with the end of what it printed when it ended otherwise */
export async function expectExit(run: DemoRun, code: number): Promise<void> {
  const got = await run.exit;
  if (got === code) return;
  throw new Error(`exit code ${got}, expected ${code}; it printed:\n${run.text().slice(-4_000)}`);
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

/** A busy machine takes its time for all of it. */
const PRINTED_WITHIN_MS = 180_000;

/**
 * Waits until the run has printed the text; a run that ends first, or takes too long, shows what it did print, and is stopped, so
 * that the next one finds the directory free.
 */
export async function untilPrinted(run: DemoRun, wanted: string): Promise<void> {
  const ended = run.exit.then(() => true);
  await Promise.race([
    waitFor(wanted, () => run.text().includes(wanted), PRINTED_WITHIN_MS).catch(() => false),
    ended,
  ]);
  if (!run.text().includes(wanted)) {
    run.child.kill('SIGINT');
    await run.exit;
  }
  expect(run.text()).toContain(wanted);
}

/** Every process of the run is gone, and the ports that it named are free. */
export async function expectNothingLeft(directory: string, text: string): Promise<void> {
  await waitFor('every process to be gone', async () => (await processesOf(directory)).length === 0, 5_000);
  const ports = [...text.matchAll(/127\.0\.0\.1:(\d+)/g)].map(([, port]) => Number(port));
  expect(ports.length).toBeGreaterThanOrEqual(3);
  const taken: number[] = [];
  for (const port of new Set(ports)) if (!(await isPortFree(port))) taken.push(port);
  expect(taken).toEqual([]);
}

/** The child of this process whose command line contains the text. */
export async function pidOf(text: string, parent: number | undefined): Promise<number> {
  const children = await readFile(`/proc/${parent}/task/${parent}/children`, 'utf8');
  for (const pid of children.trim().split(' ')) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (command.includes(text)) return Number(pid);
  }
  throw new Error(`no child of ${parent} runs ${text}`);
}
