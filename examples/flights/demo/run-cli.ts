import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { appCommand } from '@millrace/stack';

const run = promisify(execFile);

/** Runs `millrace` with these arguments, as an operator would; gives its lines. @throws with its message. */
export async function runCli(args: readonly string[], env: Record<string, string>): Promise<string[]> {
  try {
    const [command, ...main] = appCommand('cli');
    const { stdout } = await run(command, [...main, ...args], {
      env: { ...process.env, ...env },
      timeout: 60_000,
    });
    return stdout.trimEnd().split('\n');
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
    throw new Error(`millrace ${args.join(' ')} failed: ${said || String(error)}`, { cause: error });
  }
}
