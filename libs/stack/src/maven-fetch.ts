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

/** Maven could not fetch the stack. The message holds the end of what Maven said. */
export class StackFetchError extends MillraceError {
  override readonly name = 'StackFetchError';
  readonly code = 'STACK_FETCH_FAILED';
  readonly retriable = true;
}

export interface FetchStackOptions {
  readonly env: NodeJS.ProcessEnv;
  /** The Java that Maven runs on. */
  readonly javaHome: string;
  readonly onProgress: (line: string) => void;
  /** Ends a fetch under way. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * The directory that holds `kafka/lib/*.jar` and `registry/**`, as `deploy/stack/pom.xml` pins them. Fetched once for
 * each content of that file into `${XDG_CACHE_HOME:-~/.cache}/millrace/stack-<hash>`; beside it first and then renamed,
 * so that a killed fetch, or two at once, never leave half of one. Safe to call concurrently.
 * @throws MavenNotFoundError STACK_MAVEN_NOT_FOUND, StackFetchError STACK_FETCH_FAILED
 */
export async function fetchStack(options: FetchStackOptions): Promise<string> {
  const pom = findPom();
  const hash = createHash('sha256')
    .update(await readFile(pom))
    .digest('hex')
    .slice(0, 12);
  const cache = join(options.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'millrace');
  const target = join(cache, `stack-${hash}`);
  if (existsSync(target)) return target;

  const maven = findMaven(options.env);
  await mkdir(cache, { recursive: true });
  await removeAbandonedFetches(cache);
  const fetched = join(cache, `${FETCH_PREFIX}${randomUUID()}`);
  try {
    options.onProgress('fetching Apache Kafka and the schema registry (once, about 215 MB)');
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

/** The sources stand three levels below the workspace's root, the compiled files four. */
function findPom(): string {
  const start = dirname(fileURLToPath(import.meta.url));
  for (let directory = start; dirname(directory) !== directory; directory = dirname(directory)) {
    const pom = join(directory, 'deploy', 'stack', 'pom.xml');
    if (existsSync(pom)) return pom;
  }
  throw new StackFetchError(
    `No deploy/stack/pom.xml in any directory above ${start}: the checkout is incomplete.`,
  );
}

async function removeAbandonedFetches(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    if (!name.startsWith(FETCH_PREFIX)) continue;
    const directory = join(cache, name);
    const changedAt = (await stat(directory).catch(() => undefined))?.mtimeMs ?? Date.now();
    if (Date.now() - changedAt > ABANDONED_AFTER_MS) await rm(directory, { recursive: true, force: true });
  }
}

async function runMaven(maven: string, args: readonly string[], options: FetchStackOptions): Promise<void> {
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
    `Maven could not fetch the stack (${problem}). Check the connection and Maven's settings.xml, then try again. It said last:\n` +
      tail.map((line) => `  ${line}`).join('\n'),
    { context: { command: [maven, ...args] } },
  );
}
