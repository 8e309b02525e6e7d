import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockDirectory, StackDirectoryInUseError } from './directory-lock';
import { identifyProcess } from './process-identity';

describe('the lock on a stack directory', () => {
  let directory: string;
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'millrace-lock-'))));
  afterEach(() => rmSync(directory, { recursive: true }));

  const writeLock = (owner: unknown): void => {
    writeFileSync(join(directory, 'stack.lock.1'), JSON.stringify(owner));
  };

  it('names the living owner', async () => {
    writeLock(identifyProcess(process.ppid));
    await expect(lockDirectory(directory)).rejects.toThrow(StackDirectoryInUseError);
    await expect(lockDirectory(directory)).rejects.toThrow(`process ${process.ppid}`);
  });

  it('is free again once it was given back, and leaves no file', async () => {
    await (
      await lockDirectory(directory)
    )();
    await (
      await lockDirectory(directory)
    )();
    expect(readdirSync(directory)).toEqual([]);
  });

  it('is taken over from a dead owner whose pid belongs to another process now', async () => {
    writeLock({ pid: process.ppid, startedAt: 'another time' });
    await expect(lockDirectory(directory)).resolves.toBeInstanceOf(Function);
  });

  it('is taken over when a crash cut it short', async () => {
    writeFileSync(join(directory, 'stack.lock.1'), '{"pid":');
    await expect(lockDirectory(directory)).resolves.toBeInstanceOf(Function);
  });

  it('has one winner when many take over the same dead lock at once', async () => {
    writeLock({ pid: 1, startedAt: 'another time' });
    const attempts = await Promise.allSettled(Array.from({ length: 20 }, () => lockDirectory(directory)));
    expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(readdirSync(directory)).toEqual(['stack.lock.2']);
  });
});
