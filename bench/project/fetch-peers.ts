import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { compiledTree } from '@millrace/stack';

const FILES = ['package.json', 'package-lock.json'];

/**
 * The directory in which the packages are installed that only peers need, by `bench/project/peers/package-lock.json`: they are no
 * part of the workspace. Installed once for each content of that file, beside the embedded stack. `createRequire` of a file in it finds them.
 * @throws Error with what npm said
 */
export async function fetchPeers(): Promise<string> {
  const source = join(compiledTree(), 'bench/project/peers');
  const hash = createHash('sha256')
    .update(await readFile(join(source, 'package-lock.json')))
    .digest('hex')
    .slice(0, 12);
  const cache = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'millrace');
  const target = join(cache, `bench-peers-${hash}`);
  if (existsSync(target)) return target;
  // Beside it first, so that a killed installation never passes for a whole one. The name is one that the stack tidies up.
  const fetched = join(cache, `fetching-${randomUUID()}`);
  try {
    await mkdir(fetched, { recursive: true });
    for (const file of FILES) await cp(join(source, file), join(fetched, file));
    process.stderr.write('fetching Emmett (once, about 20 MB)\n');
    await promisify(execFile)('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts'], { cwd: fetched });
    await rename(fetched, target).catch((error: unknown) => {
      if (!existsSync(target)) throw error;
    });
  } finally {
    await rm(fetched, { recursive: true, force: true });
  }
  return target;
}
