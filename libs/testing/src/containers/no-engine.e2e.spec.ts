import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { freePort } from '@millrace/stack';

const SETUP = 'dist/libs/testing/src/global-setup.js';

/** Runs the setup of the integration tier as a process of its own. */
async function runSetup(variables: Record<string, string>) {
  const script = `await (await import('./${SETUP}')).setup();`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    env: { ...process.env, ...variables },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [stderr, code] = await Promise.all([text(child.stderr), ended]);
  return { code, stderr };
}

describe('TEST_STACK=containers', () => {
  let temporary: string;
  beforeEach(async () => {
    temporary = await mkdtemp(join(tmpdir(), 'millrace-no-engine-'));
  });
  afterEach(() => rm(temporary, { recursive: true, force: true }));

  it('where no engine answers is one clear error, starts no other servers, and leaves nothing behind', async () => {
    const engine = `tcp://127.0.0.1:${await freePort()}`;
    const { code, stderr } = await runSetup({
      TEST_STACK: 'containers',
      DOCKER_HOST: engine,
      TMPDIR: temporary,
    });
    expect(code).toBe(1);
    expect(stderr).toContain(
      `ContainerEngineError: TEST_STACK=containers, but no container engine answers at DOCKER_HOST=${engine}`,
    );
    expect(stderr).toContain('leave TEST_STACK out: the embedded servers need none.');
    expect(readdirSync(temporary)).toEqual([]);
  });
});
