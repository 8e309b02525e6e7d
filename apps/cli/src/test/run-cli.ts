import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const MAIN = 'dist/apps/cli/src/main.js';

/** Runs `millrace` as a process of its own, with these variables and none of the servers' from the environment. */
export async function runCli(
  args: readonly string[],
  variables: Record<string, string> = {},
): Promise<CliResult> {
  const {
    KAFKA_BROKERS: _kafka,
    SCHEMA_REGISTRY_URL: _registry,
    REPLAY_URL: _replay,
    DEBUG: _debug,
    ...env
  } = process.env;
  const child = spawn(process.execPath, ['--disable-warning=TimeoutNegativeWarning', MAIN, ...args], {
    env: { ...env, ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, stdout, stderr };
}
