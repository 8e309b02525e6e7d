import { randomBytes } from 'node:crypto';
import { countKeys } from '@millrace/postgres';
import type { Database, ShapedBuild } from '@millrace/postgres';
import type { KeySample } from '@millrace/projecting';

/** How much of a model is verified: a share of its keys, or about so many of them. */
export type SampleRequest = { readonly share: number } | { readonly keys: number };

/**
 * The keys that are verified: other ones each time, so that what one verification does not look at another one does.
 * `undefined` when it comes to all of them.
 */
export async function chooseSample(
  database: Database,
  live: ShapedBuild,
  request: SampleRequest | undefined,
): Promise<KeySample | undefined> {
  if (request === undefined) return undefined;
  const share = 'share' in request ? request.share : request.keys / (await countKeys(database, live));
  return share >= 1 ? undefined : { seed: randomBytes(8).toString('hex'), share };
}
