import { createHash } from 'node:crypto';
import { identityOf } from '@millrace/event';

/** The same for every call with one event in one group, from whatever process, and for no other: 64 hexadecimal digits. */
export function idempotencyKeyOf(
  group: string,
  event: { readonly topic: string; readonly source: string; readonly id: string },
): string {
  return createHash('sha256')
    .update(`${group}\n${event.topic}\n${identityOf(event)}`)
    .digest('hex');
}

/**
 * Orders the calls for one key: by the owner of its partition, then by the record. Both numbers in 16 hexadecimal digits, so
 * that it compares as text. Of one owner's calls a record that runs behind later ones of its key, which only a redriven dead
 * letter of a released key does, has the lower one; a later owner's are all higher.
 */
export function fencingTokenOf(epoch: bigint, offset: bigint): string {
  return hexOf(epoch) + hexOf(offset);
}

function hexOf(value: bigint): string {
  return value.toString(16).padStart(16, '0');
}
