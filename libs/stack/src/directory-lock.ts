import { randomUUID } from 'node:crypto';
import { link, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MillraceError } from '@millrace/contracts';
import { identifyProcess, isAlive, parseIdentity } from './process-identity';

/** Another living process runs a stack on this directory. */
export class StackDirectoryInUseError extends MillraceError {
  override readonly name = 'StackDirectoryInUseError';
  readonly code = 'STACK_DIRECTORY_IN_USE';
  readonly retriable = true;
}

const LOCK = /^stack\.lock\.(\d+)$/;

/**
 * Takes the directory for this process; the returned function gives it back. A lock whose owner is dead is taken over:
 * the owner is known by its pid and by when it started, so a pid that was given out again does not block.
 *
 * A takeover never removes the dead lock to put its own in that place: two processes may both have seen it dead, and
 * the slower one would remove the faster one's new lock. Locks are numbered instead, `stack.lock.<n>`, and the highest
 * one counts. Who sees n dead makes n + 1, which link(2) lets only one of them do, and only then sweeps the lower ones.
 * Somebody who was asleep since before that sweep may still make a lower number; it sees the higher one and starts over.
 * @throws StackDirectoryInUseError STACK_DIRECTORY_IN_USE, naming the owner's pid
 */
export async function lockDirectory(directory: string): Promise<() => Promise<void>> {
  // Written whole before it is linked, so that nobody reads half a lock.
  const content = join(directory, `stack.lock.${randomUUID()}`);
  await writeFile(content, JSON.stringify(identifyProcess(process.pid)));
  try {
    for (;;) {
      const highest = await highestLock(directory);
      await refuseWhileAlive(directory, highest);
      const mine = highest + 1;
      if (!(await linked(content, lockFile(directory, mine)))) continue;
      if ((await highestLock(directory)) === mine) {
        await removeLower(directory, mine);
        return () => rm(lockFile(directory, mine), { force: true });
      }
      await rm(lockFile(directory, mine), { force: true });
    }
  } finally {
    await rm(content, { force: true });
  }
}

function lockFile(directory: string, number: number): string {
  return join(directory, `stack.lock.${number}`);
}

async function lockNumbers(directory: string): Promise<number[]> {
  const names = await readdir(directory);
  return names.map((name) => Number(LOCK.exec(name)?.[1] ?? 0));
}

/** 0 when there is none. */
async function highestLock(directory: string): Promise<number> {
  return Math.max(0, ...(await lockNumbers(directory)));
}

async function removeLower(directory: string, mine: number): Promise<void> {
  const lower = (await lockNumbers(directory)).filter((number) => number > 0 && number < mine);
  await Promise.all(lower.map((number) => rm(lockFile(directory, number), { force: true })));
}

async function refuseWhileAlive(directory: string, number: number): Promise<void> {
  // Gone already when its owner has just given it back.
  const text = await readFile(lockFile(directory, number), 'utf8').catch(() => '');
  const owner = parseIdentity(text);
  if (owner === undefined || !isAlive(owner)) return;
  throw new StackDirectoryInUseError(
    `The stack's directory ${directory} is in use by process ${owner.pid}. Stop that one first, or choose another directory.`,
    { context: { directory, pid: owner.pid } },
  );
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
