import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addressVariables, openStack } from '@millrace/stack';
import type { Stack } from '@millrace/stack';

let stack: Stack | undefined;
let directory: string | undefined;

/** One stack for a whole run of integration tests; every worker finds its addresses in the environment. */
export async function setup(): Promise<void> {
  directory = await mkdtemp(join(tmpdir(), 'millrace-test-'));
  stack = await openStack({ directory, durable: false });
  Object.assign(process.env, addressVariables(stack.addresses));
}

export async function teardown(): Promise<void> {
  await stack?.stop();
  if (directory !== undefined) await rm(directory, { recursive: true, force: true });
}
