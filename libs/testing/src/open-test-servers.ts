import { MillraceError } from '@millrace/contracts';
import { openStack } from '@millrace/stack';
import type { ServerName, Stack } from '@millrace/stack';
import type { ServerHandle } from './server-handle';

/** The three servers of a test run, wherever they run. */
export interface TestServers extends Pick<Stack, 'addresses' | 'stop'> {
  readonly source: Stack['source'] | 'containers';
  /** Empty for servers that the environment names. */
  readonly servers: Readonly<Partial<Record<ServerName, ServerHandle>>>;
}

/** TEST_STACK names no kind of stack. */
export class TestStackError extends MillraceError {
  override readonly name = 'TestStackError';
  override readonly code = 'TEST_STACK_UNKNOWN';
  override readonly retriable = false;

  constructor(value: string) {
    super(`TEST_STACK: expected embedded or containers, got ${JSON.stringify(value)}`);
  }
}

/**
 * Opens what TEST_STACK names: `embedded` (the default), for which addresses in `env` come first as with `openStack`, or
 * `containers`, whatever addresses there are. Never falls back from one to the other.
 * @throws TEST_STACK_UNKNOWN, and what the kind throws
 */
export async function openTestServers(directory: string, env: NodeJS.ProcessEnv): Promise<TestServers> {
  const kind = env['TEST_STACK']?.trim() || 'embedded';
  switch (kind) {
    case 'embedded':
      return openStack({ directory, durable: false, env });
    case 'containers':
      return (await import('./containers/container-stack')).openContainerStack(directory);
    default:
      throw new TestStackError(kind);
  }
}
