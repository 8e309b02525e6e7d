import { MillraceError } from '@millrace/contracts';
import type { WritePath } from '../write-path';
import type { HeldKeys } from './held-keys';
import { readRow } from './outbox-row';
import type { OutboxRow, RowRules } from './outbox-row';

/** A row that is not in the log; both are null for one that only waits behind another of its key. */
export interface SetAside {
  readonly number: bigint;
  readonly code: string | null;
  readonly reason: string | null;
}

export interface PublishRowsOptions {
  readonly writePath: Pick<WritePath, 'prepare' | 'append'>;
  readonly held: HeldKeys;
  readonly rules: RowRules;
}

/**
 * Publishes rows, and resolves with those that the log does not have when it has all others. All of them are handed to the log
 * before this returns, in order: rows of one key that came in one call or in several are never overtaken.
 *
 * What can be seen of a row beforehand (its type, its data, its size) holds its key at once. What only the broker refuses
 * holds it from then on: rows of the key that were under way by then may be in the log.
 * @throws whatever trying again may mend; some of the rows may be in the log then.
 */
export async function publishRows(
  rows: readonly OutboxRow[],
  { writePath, held, rules }: PublishRowsOptions,
): Promise<SetAside[]> {
  const outcomes = rows.map(async (row): Promise<SetAside | undefined> => {
    if (held.has(row)) return { number: row.number, code: null, reason: null };
    try {
      // Synchronous up to the log, so that the order of the rows is the order in which they are appended.
      await writePath.append(writePath.prepare(readRow(row, rules)));
      return undefined;
    } catch (error) {
      if (error instanceof MillraceError && error.retriable) throw error;
      held.add(row);
      return { number: row.number, ...describe(error) };
    }
  });
  // Every promise has somebody who waits for it, also when an earlier one rejects.
  const settled = await Promise.allSettled(outcomes);
  const failed = settled.find((each) => each.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return settled.flatMap((each) =>
    each.status === 'fulfilled' && each.value !== undefined ? [each.value] : [],
  );
}

function describe(error: unknown): { code: string; reason: string } {
  if (error instanceof MillraceError) return { code: error.code, reason: error.message };
  // Unforeseen: its message may quote what it is about.
  return { code: 'UNEXPECTED', reason: error instanceof Error ? error.name : typeof error };
}
