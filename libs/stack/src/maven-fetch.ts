import { spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { MillraceError } from '@millrace/contracts';
import { guardProcessGroup, releaseProcessGroup } from './process-guard';
import { findMaven } from './toolchain';

const PROGRESS_EVERY_MS = 2_000;
const TAIL_LINES = 20;
const FETCH_PREFIX = 'fetching-';
const ABANDONED_AFTER_MS = 3_600_000;

/** Maven could not fetch what a pom.xml pins. The message holds the end of what Maven said. */
export class StackFetchError extends MillraceError {
  override readonly name = 'StackFetchError';
  readonly code = 'STACK_FETCH_FAILED';
  readonly retriable = true;
}

export interface FetchOptions {
  readonly env: NodeJS.ProcessEnv;
  /** The Java that Maven runs on. */
  readonly javaHome: string;
  readonly onProgress: (line: string) => void;
  /** Ends a fetch under way. */
  readonly signal?: AbortSignal | undefined;
}

/** What is fetched, and by which name it is kept. */
export interface FetchedThing {
  /** Where its pom.xml is, from the workspace's root. It puts all that it fetches into `${stack.directory}`. */
  readonly pom: string;
  /** The directory's name in the cache, before the hash. */
  readonly name: string;
  /** For people: what is fetched, and how much. */
  readonly what: string;
}

/**
 * The directory that holds what a pom.xml pins. Fetched once for each content of that file into
 * `${XDG_CACHE_HOME:-~/.cache}/millrace/<name>-<hash>`; beside it first and then renamed, so that a killed fetch, or two at
 * once, never leave half of one. Safe to call concurrently.
 * @throws MavenNotFoundError STACK_MAVEN_NOT_FOUND, StackFetchError STACK_FETCH_FAILED
 */
export async function fetchWithMaven(thing: FetchedThing, options: FetchOptions): Promise<string> {
  const pom = findInWorkspace(thing.pom);
  const hash = createHash('sha256')
    .update(await readFile(pom))
    .digest('hex')
    .slice(0, 12);
  const cache = join(options.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'millrace');
  const target = join(cache, `${thing.name}-${hash}`);
  if (existsSync(target)) return target;

  const maven = findMaven(options.env);
  await mkdir(cache, { recursive: true });
  await removeAbandonedFetches(cache);
  const fetched = join(cache, `${FETCH_PREFIX}${randomUUID()}`);
  try {
    options.onProgress(`fetching ${thing.what}`);
    await runMaven(maven, ['-B', '-f', pom, `-Dstack.directory=${fetched}`, 'package'], options);
    options.signal?.throwIfAborted();
    await rm(join(fetched, 'maven'), { recursive: true, force: true });
    // Fails when somebody else's fetch was there first; that one is as good as ours.
    await rename(fetched, target).catch((error: unknown) => {
      if (!existsSync(target)) throw error;
    });
  } finally {
    await rm(fetched, { recursive: true, force: true });
  }
  return target;
}

/**
 * A file of the workspace, by its path from the root: the sources stand three levels below that, the compiled files four.
 * @throws StackFetchError STACK_FETCH_FAILED when it is not there
 */
export function findInWorkspace(path: string): string {
  const start = dirname(fileURLToPath(import.meta.url));
  for (let directory = start; dirname(directory) !== directory; directory = dirname(directory)) {
    const file = join(directory, path);
    if (existsSync(file)) return file;
  }
  throw new StackFetchError(`No ${path} in any directory above ${start}: the checkout is incomplete.`);
}

async function removeAbandonedFetches(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    if (!name.startsWith(FETCH_PREFIX)) continue;
    const directory = join(cache, name);
    const changedAt = (await stat(directory).catch(() => undefined))?.mtimeMs ?? Date.now();
    if (Date.now() - changedAt > ABANDONED_AFTER_MS) await rm(directory, { recursive: true, force: true });
  }
}

async function runMaven(maven: string, args: readonly string[], options: FetchOptions): Promise<void> {
  const { env, javaHome, onProgress, signal } = options;
  const child = spawn(maven, args, {
    env: { ...env, JAVA_HOME: javaHome },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<string | undefined>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, killedBy) =>
      resolve(code === 0 ? undefined : (killedBy ?? `exit code ${code}`)),
    );
  });
  const { pid } = child;
  if (pid !== undefined) guardProcessGroup(pid, 'SIGTERM');
  const abort = (): boolean => child.kill('SIGKILL');
  signal?.addEventListener('abort', abort, { once: true });

  const tail: string[] = [];
  let files = 0;
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      if (line.includes('Downloaded from')) files += 1;
      if (tail.push(line) > TAIL_LINES) tail.shift();
    });
  }
  const startedAt = Date.now();
  const ticker = setInterval(() => {
    const seconds = Math.round((Date.now() - startedAt) / 1_000);
    onProgress(`fetching: ${seconds} s, ${files} files downloaded`);
  }, PROGRESS_EVERY_MS);
  const problem = await ended;
  clearInterval(ticker);
  signal?.removeEventListener('abort', abort);
  if (pid !== undefined) releaseProcessGroup(pid);
  if (problem === undefined) return;
  throw new StackFetchError(
    `Maven could not fetch what ${args[2]} pins (${problem}). Check the connection and Maven's settings.xml, then try again. It said last:\n` +
      tail.map((line) => `  ${line}`).join('\n'),
    { context: { command: [maven, ...args] } },
  );
}
