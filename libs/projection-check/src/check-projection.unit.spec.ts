import { eventOf } from '@millrace/client';
import { compareDecimals } from '@millrace/projecting';
import type { Projection } from '@millrace/projecting';
import fs from 'node:fs';
import { checkProjection } from './check-projection';
import { aggregate, entity, errorOf, Paid, samples } from './test/trial';
import type { Row } from './test/trial';

describe('checkProjection', () => {
  it.each<[string, Projection]>([
    [
      'an entity',
      entity((row, { amount, at }, { time }) => ({
        ...row,
        paid: (row.paid ?? 0) + amount,
        at: at > time ? at : time,
      })),
    ],
    [
      'an entity whose state carries a member of the event that is no column',
      entity((row, event) => ({ ...row, ...event, paid: event.amount })),
    ],
    [
      'an aggregate, whose sums of doubles differ in their last digits, and decimals in their zeros',
      aggregate((sums, { amount }) => ({
        all: sums.all && amount < 5,
        greatest: compareDecimals(`${amount}.0`, sums.greatest) > 0 ? `${amount}.0` : sums.greatest,
        count: sums.count + 1n,
        last: Math.max(sums.last, amount),
        share: sums.share + amount / 3,
        least: Math.min(sums.least, amount),
      })),
    ],
    [
      'an entity whose fold needs the events of its key from the first on',
      entity((row, { amount }) => {
        if (row.paid === null && amount > 3) throw new Error('nothing was paid before');
        return { ...row, paid: amount };
      }),
    ],
  ])('passes %s', (_what, projection) => {
    checkProjection(projection, samples);
  });

  it('takes null from a fold for no row, after which the key begins anew', () => {
    const none = null as unknown as Row;
    const projection = entity((row, { amount }) => (row.paid === null ? { ...row, paid: amount } : none));
    checkProjection(projection, samples, { runs: 1 });
  });

  it('shows the smallest case as code that finds the same again', () => {
    const projection = aggregate((sums, { amount }) => ({ ...sums, last: amount }));
    const { message, events } = errorOf(projection);
    const code = message.slice(message.indexOf('checkProjection('));
    expect(events).toHaveLength(2);
    // eslint-disable-next-line @typescript-eslint/no-implied-eval -- The code of the message is what is tested.
    const run = new Function('checkProjection', 'projection', 'eventOf', 'Paid', code) as (
      ...given: unknown[]
    ) => void;
    expect(() => run(checkProjection, projection, eventOf, Paid)).toThrow(message);
  });

  it('says the same of the same code', () => {
    const messageOf = () => errorOf(aggregate((sums, { amount }) => ({ ...sums, last: amount }))).message;
    expect(messageOf()).toBe(messageOf());
  });

  it('points at the line that reads from outside', () => {
    const { cause } = errorOf(entity((row) => ({ ...row, at: new Date() })));
    expect((cause as Error).stack).toContain('check-projection.unit.spec.ts');
  });

  it('leaves the functions that it has watched as they were', () => {
    const look = () =>
      [globalThis, Date.prototype, Math, process, crypto, fs].map((owner) =>
        Object.getOwnPropertyDescriptors(owner),
      );
    const before = look();
    checkProjection(
      entity((row) => row),
      samples,
      { runs: 1 },
    );
    errorOf(entity((row) => ({ ...row, paid: Math.random() })));
    expect(look()).toEqual(before);
  });

  it('is refused samples that lack a type that is folded', () => {
    expect(() =>
      checkProjection(
        entity((row) => row),
        [],
      ),
    ).toThrow(
      'The samples for projection account have no event of trial.Paid. Give at least one of each type that it folds.',
    );
  });

  it('finds a key and a derive that are not pure', () => {
    const good = aggregate((sums) => sums);
    const fold = good.folds.get('trial.Paid')!;
    const keyed: Projection = {
      ...good,
      folds: new Map([['trial.Paid', { ...fold, key: () => String(Math.random()) }]]),
    };
    expect(errorOf(keyed).message).toContain('its key of trial.Paid reads random numbers (Math.random)');
    const derived: Projection = { ...good, derive: () => ({ age: Date.now() }) };
    expect(errorOf(derived).message).toContain('its derive reads the clock (Date.now)');
  });

  it('finds an event that is neither folded nor ignored', () => {
    const other = { ...Paid, type: 'trial.Refunded' };
    const refunded = eventOf(other, { account: 'a0', to: 'x', amount: 1, at: new Date(0), tags: [] });
    expect(
      errorOf(
        entity((row) => row),
        [...samples, refunded],
      ).message,
    ).toContain('neither folds nor ignores trial.Refunded');
  });
});
