import { randomUUID } from 'node:crypto';
import { RegistryRefusedError } from '../errors';
import { parseAvro } from './registered-schema';
import type { RegistryClient } from './registry-client';

const subject = 'millrace-stack-identity';

/**
 * A uuid that belongs to this registry: the same across restarts and for everybody who asks, another one for another
 * registry. It stands in the `doc` of a marker schema, which is registered by whoever asks first; when several do, the
 * first version counts for all.
 */
export async function registryIdentity(registry: RegistryClient): Promise<string> {
  const before = await readRegistryIdentity(registry);
  if (before !== undefined) return before;
  await registry.setCompatibility(subject, 'NONE');
  const marker = {
    type: 'record',
    name: 'StackIdentity',
    namespace: 'millrace',
    doc: randomUUID(),
    fields: [],
  };
  try {
    await registry.register(subject, marker, 'NONE');
  } catch (error) {
    // Lost a race, perhaps: then the winner's version is there.
    const winner = await readRegistryIdentity(registry);
    if (winner === undefined) throw error;
    return winner;
  }
  const identity = await readRegistryIdentity(registry);
  if (identity !== undefined) return identity;
  const reason = `it does not show ${subject} after it was registered`;
  throw new RegistryRefusedError(registry.url, 'keep its identity', { status: 404, reason });
}

/** The identity, or undefined when the registry has none yet; changes nothing. */
export async function readRegistryIdentity(registry: RegistryClient): Promise<string | undefined> {
  const [first] = await registry.versions(subject);
  const marker = first === undefined ? undefined : await registry.findVersion(subject, first);
  if (marker === undefined) return undefined;
  const { doc } = parseAvro(marker) as { doc?: unknown };
  if (typeof doc === 'string') return doc;
  const reason = `version ${first} of ${subject} carries no identity; was it written by something else?`;
  throw new RegistryRefusedError(registry.url, 'tell its identity', { status: 200, reason });
}
