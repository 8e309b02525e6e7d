import { spawn } from 'node:child_process';
import { resolve } from 'node:path';

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A `millrace` that runs. */
export interface RunningCli {
  /** What it has printed until now. */
  readonly printed: { readonly stdout: string; readonly stderr: string };
  readonly ended: Promise<CliResult>;
  kill(signal: NodeJS.Signals): void;
  /** Closes the pipe that it prints into, as `| head` does. */
  closeOutput(): void;
}

const MAIN = resolve('dist/apps/cli/src/main.js');

export interface CliSurroundings {
  /** Default: the workspace root. */
  readonly cwd?: string;
  /** What stands on standard input; nothing by default. */
  readonly input?: string;
}

/** Starts `millrace` as a process of its own, with these variables and none of the servers' from the environment. */
export function startCli(
  args: readonly string[],
  variables: Record<string, string> = {},
  { cwd, input = '' }: CliSurroundings = {},
): RunningCli {
  const {
    KAFKA_BROKERS: _kafka,
    SCHEMA_REGISTRY_URL: _registry,
    REPLAY_URL: _replay,
    PRODUCER_URL: _producer,
    CONSUMER_URL: _consumer,
    DEBUG: _debug,
    ...env
  } = process.env;
  const child = spawn(process.execPath, ['--disable-warning=TimeoutNegativeWarning', MAIN, ...args], {
    env: { ...env, ...variables },
    ...(cwd === undefined ? {} : { cwd }),
  });
  child.stdin.end(input);
  const printed = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (printed.stderr += text));
  const ended = new Promise<CliResult>((resolve) => {
    child.once('close', (code) => resolve({ code, ...printed }));
  });
  return {
    printed,
    ended,
    kill: (signal) => void child.kill(signal),
    closeOutput: () => void child.stdout.destroy(),
  };
}

/** Runs `millrace` to its end. */
export function runCli(
  args: readonly string[],
  variables: Record<string, string> = {},
  surroundings: CliSurroundings = {},
): Promise<CliResult> {
  return startCli(args, variables, surroundings).ended;
}

/** Creates the declared topics and registers the schemas, as an operator does. @throws with what the command said */
export async function applyWithCli(servers: Record<string, string>): Promise<void> {
  for (const command of [
    ['topics', 'apply', '--fit-replication'],
    ['schema', 'register'],
  ]) {
    const { code, stderr } = await runCli(command, servers);
    if (code !== 0) throw new Error(`millrace ${command.join(' ')} failed: ${stderr}`);
  }
}
