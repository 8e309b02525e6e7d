import type { DatabaseTransaction } from '@millrace/postgres';
import { OutboxSilentError } from './errors';

/** What of a connection the relay uses. */
export interface Queryable {
  query: <Row extends object>(
    text: string,
    values?: readonly unknown[],
  ) => Promise<{ readonly rows: Row[]; readonly rowCount: number | null }>;
}

/** A connection that gives up on a server that says nothing, instead of waiting until the system does: minutes. */
export function answeringWithin(withinMs: number, client: DatabaseTransaction): Queryable {
  return {
    query: async <Row extends object>(text: string, values: readonly unknown[] = []) => {
      const silent = Promise.withResolvers<never>();
      const timer = setTimeout(() => silent.reject(new OutboxSilentError(withinMs)), withinMs);
      const answer = client.query<Row>(text, [...values]);
      // Nobody waits for it any more when it comes too late.
      answer.catch(() => undefined);
      try {
        return await Promise.race([answer, silent.promise]);
      } finally {
        clearTimeout(timer);
      }
    },
  };
}
