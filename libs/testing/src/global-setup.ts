import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addressVariables } from '@millrace/stack';
import { openTestServers } from './open-test-servers';
import type { TestServers } from './open-test-servers';

let servers: TestServers | undefined;
let directory: string | undefined;

/** One stack for a whole run of integration tests; every worker finds its addresses in the environment. */
export async function setup(): Promise<void> {
  directory = await mkdtemp(join(tmpdir(), 'millrace-test-'));
  try {
    servers = await openTestServers(directory, process.env);
  } catch (error) {
    // Jest calls no teardown after a setup that failed.
    await teardown();
    throw error;
  }
  Object.assign(process.env, addressVariables(servers.addresses));
}

export async function teardown(): Promise<void> {
  await servers?.stop();
  if (directory !== undefined) await rm(directory, { recursive: true, force: true });
}
