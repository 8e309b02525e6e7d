import { eventOf } from '@millrace/client';
import type { EventToPublish } from '@millrace/client';
import type { EventType } from '@millrace/contracts';
import { defineAggregate, defineEntity } from '@millrace/projecting';
import type { AggregateState, Projection } from '@millrace/projecting';
import { checkProjection } from '../check-projection';
import { UnfitProjectionError } from '../errors';

/** A payment from an account, which is the record's key, to another. */
export interface Paid {
  readonly account: string;
  readonly to: string;
  readonly amount: number;
  readonly at: Date;
  readonly tags: readonly string[];
}

const schema = { type: 'record', name: 'Paid', fields: [] } as const;
export const Paid: EventType<Paid> = {
  type: 'trial.Paid',
  topic: 'trial',
  subject: 'trial-trial.Paid',
  keyField: 'account',
  schema,
};

export const samples: EventToPublish[] = [3, 1, 2, 5, 4, 9, 0].flatMap((amount, index) => [
  eventOf(Paid, {
    account: `a${index % 3}`,
    to: index % 2 === 0 ? 'x' : 'y',
    amount,
    at: new Date(Date.UTC(2001, 0, amount + 1)),
    tags: ['t'],
  }),
]);

export type Row = { readonly paid: number | null; readonly note: string | null; readonly at: Date | null };
export type FoldEntity = (row: Row, event: Paid, metadata: { readonly time: Date }) => Row;

/** One row an account. */
export function entity(
  fold: FoldEntity,
  columns: Partial<Record<'paid', 'integer' | 'double'>> = {},
): Projection {
  return defineEntity({
    name: 'account',
    version: 1,
    key: 'account',
    columns: { paid: 'integer', note: 'text', at: 'timestamp', ...columns } as const,
    folds: (on) => [on(Paid, fold)],
  });
}

const SUMS = {
  count: { type: 'bigint', merge: 'sum' },
  last: { type: 'integer', merge: 'max' },
  share: { type: 'double', merge: 'sum' },
  least: { type: 'double', merge: 'min' },
  greatest: { type: 'decimal', merge: 'max' },
  all: { type: 'boolean', merge: 'and' },
} as const;
export type Sums = AggregateState<typeof SUMS>;

/** One row a receiver, whose payments lie in all partitions. */
export function aggregate(fold: (sums: Sums, event: Paid) => Sums, empty: Partial<Sums> = {}): Projection {
  return defineAggregate({
    name: 'receiver',
    version: 1,
    key: 'to',
    columns: SUMS,
    empty: { count: 0n, last: 0, share: 0, least: Infinity, greatest: '-1', all: true, ...empty },
    folds: (on) => [on(Paid, ({ to }) => to, fold)],
  });
}

/** What the check finds. @throws when it finds nothing */
export function errorOf(projection: Projection, given = samples): UnfitProjectionError {
  try {
    checkProjection(projection, given);
  } catch (error) {
    if (error instanceof UnfitProjectionError) return error;
    throw error;
  }
  throw new Error('nothing was found');
}
