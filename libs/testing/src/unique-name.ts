import { randomBytes } from 'node:crypto';

/** A name that no other test has, for topics, groups and tables: `orders-3f9c01ab`. */
export function uniqueName(prefix: string): string {
  return `${prefix}-${randomBytes(4).toString('hex')}`;
}
