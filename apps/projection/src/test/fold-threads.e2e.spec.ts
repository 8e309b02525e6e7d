import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { compiledTree } from '@millrace/stack';

/** A process that begins a thread which cannot load what it is to fold, and would itself go on for a minute. */
const PROGRAM = `
  const { FoldThreads } = await import(${JSON.stringify(pathToFileURL(join(compiledTree(), 'apps/projection/src/fold-threads.js')).href)});
  new FoldThreads(1, {
    LOG_LEVEL: 'fatal', PROJECTIONS: ['nowhere/at-all'], KAFKA_BROKERS: ['127.0.0.1:9'], DATABASE_POOL_SIZE: 1,
    SCHEMA_REGISTRY_URL: 'http://127.0.0.1:9', DATABASE_URL: 'postgresql://nobody@127.0.0.1:9/none', KAFKA_SESSION_TIMEOUT_MS: 6000,
  });
  setTimeout(() => {}, 60_000);
`;

describe('a thread that folds', () => {
  it('takes its process with it when it fails in a way that nobody handles', () => {
    const directory = mkdtempSync(join(tmpdir(), 'millrace-thread-'));
    const file = join(directory, 'program.mjs');
    writeFileSync(file, PROGRAM);
    const { status, stderr } = spawnSync(process.execPath, [file], { encoding: 'utf8', timeout: 50_000 });
    rmSync(directory, { recursive: true });
    expect(status).toBe(1);
    expect(stderr).toContain('nowhere/at-all cannot be loaded');
  });
});
