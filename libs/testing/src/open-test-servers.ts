import { MillraceError } from '@millrace/contracts';
import { openStack } from '@millrace/stack';
import type { ServerName, Stack } from '@millrace/stack';
import type { ServerHandle } from './server-handle';

/** The three servers of a test run, wherever they run. */
export interface TestServers extends Pick<Stack, 'addresses' | 'proxiedKafkaPort' | 'stop'> {
  readonly source: Stack['source'] | 'containers';
  /** Empty for servers that the environment names. */
  readonly servers: Readonly<Partial<Record<ServerName, ServerHandle>>>;
}

export interface TestServersOptions {
  /** As `openStack` takes it; embedded servers only. */
  readonly advertisedKafkaPort?: number;
  /** Whether PostgreSQL keeps what it committed when it is killed; embedded servers only. Default false, which is faster. */
  readonly durable?: boolean;
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

/** Proxies were asked for in front of servers that cannot have them. */
export class TestStackProxiesError extends MillraceError {
  override readonly name = 'TestStackProxiesError';
  override readonly code = 'TEST_STACK_WITHOUT_PROXIES';
  override readonly retriable = false;

  constructor() {
    super(
      'TEST_STACK=containers: a broker in a container advertises its own address, so that clients would go round a ' +
        'proxy. Run what needs proxies with TEST_STACK=embedded.',
    );
  }
}

/**
 * Opens what TEST_STACK names: `embedded` (the default), for which addresses in `env` come first as with `openStack`, or
 * `containers`, whatever addresses there are. Never falls back from one to the other.
 * @throws TEST_STACK_UNKNOWN, TEST_STACK_WITHOUT_PROXIES, and what the kind throws
 */
export async function openTestServers(
  directory: string,
  env: NodeJS.ProcessEnv,
  options: TestServersOptions = {},
): Promise<TestServers> {
  const kind = env['TEST_STACK']?.trim() || 'embedded';
  switch (kind) {
    case 'embedded':
      return openStack({ directory, env, ...options, durable: options.durable ?? false });
    case 'containers':
      if (options.advertisedKafkaPort !== undefined) throw new TestStackProxiesError();
      return (await import('./containers/container-stack')).openContainerStack(directory);
    default:
      throw new TestStackError(kind);
  }
}
