import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isAlive, parseIdentity, type ProcessIdentity } from './process-identity';

const POLL_MS = 50;

/**
 * Ends what an earlier run left behind, from the pid files of its servers: usually its guard is already stopping them,
 * so they get `graceMs` to go, and SIGKILL after that. Only the very processes that were noted are touched.
 */
export async function endLeftOverProcesses(pidDirectory: string, graceMs: number): Promise<void> {
  const files = await readdir(pidDirectory).catch(() => []);
  await Promise.all(
    files.map(async (name) => {
      const file = join(pidDirectory, name);
      const identity = parseIdentity(await readFile(file, 'utf8').catch(() => ''));
      if (identity !== undefined) await endProcess(identity, graceMs);
      await rm(file, { force: true });
    }),
  );
}

async function endProcess(identity: ProcessIdentity, graceMs: number): Promise<void> {
  const deadline = Date.now() + graceMs;
  while (isAlive(identity) && Date.now() < deadline) await delay(POLL_MS);
  while (isAlive(identity)) {
    try {
      process.kill(-identity.pid, 'SIGKILL');
    } catch {
      return;
    }
    await delay(POLL_MS);
  }
}
