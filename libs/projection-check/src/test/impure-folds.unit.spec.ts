import type { Projection } from '@millrace/projecting';
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import { entity, errorOf } from './trial';
import type { FoldEntity, Row } from './trial';

let counter = 0;
const seen = new Map<string, number>();
const { now } = Date;

type Sin = [sin: string, projection: Projection, fault: string, finding: RegExp, events: number];

const sins: Sin[] = [
  [
    'reads the clock',
    entity((row) => ({ ...row, at: new Date() })),
    'reads-outside',
    /its fold of trial\.Paid reads the clock \(new Date\(\)\)/,
    1,
  ],
  [
    'reads it as a number',
    entity((row) => ({ ...row, at: new Date(Date.now()) })),
    'reads-outside',
    /Date\.now/,
    1,
  ],
  [
    'reads a clock that it kept from before',
    entity((row) => ({ ...row, at: new Date(now()) })),
    'differs-when-run-again',
    /first a\d\.at = new Date/,
    1,
  ],
  [
    'throws dice',
    entity((row) => ({ ...row, paid: Math.floor(Math.random() * 10) })),
    'reads-outside',
    /random numbers \(Math\.random\)/,
    1,
  ],
  ['makes up an id', entity((row) => ({ ...row, note: randomUUID() })), 'differs-when-run-again', /note/, 1],
  [
    'reads the environment',
    entity((row) => ({ ...row, note: process.env['HOME'] ?? null })),
    'reads-outside',
    /process\.env/,
    1,
  ],
  [
    'reads a file',
    entity((row) => ({ ...row, note: fs.readFileSync('package.json', 'utf8').slice(0, 1) })),
    'reads-outside',
    /files \(fs\.readFileSync\)/,
    1,
  ],
  [
    'hides what it reads',
    entity((row) => {
      try {
        return { ...row, paid: Date.now() % 7 };
      } catch {
        return row;
      }
    }),
    'reads-outside',
    /Date\.now/,
    1,
  ],
  [
    'reads the hour where it runs',
    entity((row, { at }) => ({ ...row, paid: at.getHours() })),
    'reads-outside',
    /time zone.*getHours/,
    1,
  ],
  [
    'calls a service',
    entity((row) => {
      void fetch('http://127.0.0.1:1');
      return row;
    }),
    'reads-outside',
    /the network \(fetch\)/,
    1,
  ],
  [
    'changes the state in place',
    entity((row, { amount }) => {
      (row as { paid: number }).paid = amount;
      return row;
    }),
    'changes-state',
    /changes the state/,
    1,
  ],
  [
    'changes a date of its state',
    entity((row, { at }) => ({ ...row, at: row.at === null ? at : new Date(row.at.setUTCHours(1)) })),
    'changes-state',
    /changes the state/,
    2,
  ],
  [
    'changes the event',
    entity((row, { tags }) => {
      (tags as string[]).push('u');
      return row;
    }),
    'changes-event',
    /changes the event/,
    1,
  ],
  [
    'counts in a variable of its own',
    entity((row) => ({ ...row, paid: (counter += 1) })),
    'differs-when-run-again',
    /folded again/,
    1,
  ],
  [
    'keeps what it has seen',
    entity((row, { account, amount }) => {
      const before = seen.get(account) ?? 0;
      seen.set(account, before + amount);
      return { ...row, paid: before };
    }),
    'differs-when-run-again',
    /folded again/,
    1,
  ],
  [
    'is asynchronous',
    entity((async (row: Row) => row) as unknown as FoldEntity),
    'no-state',
    /gives a promise/,
    1,
  ],
  [
    'gives a value instead of a row',
    entity((() => 7) as unknown as FoldEntity),
    'no-state',
    /gives 7 instead of a state/,
    1,
  ],
  [
    'keeps a member that is no column',
    entity((row) => {
      const { turns = 0 } = row as { turns?: number };
      return { ...row, turns: turns + 1, paid: turns };
    }),
    'differs-in-batches',
    /one by one a\d\.paid = 0, in batches of 2 a\d\.paid = 1/,
    2,
  ],
  [
    'gives a half for a whole number',
    entity((row, { amount }) => ({ ...row, paid: amount / 2 })),
    'unfit-value',
    /gives paid = [\d.]+, and its column takes integer: a whole number of 32 bits/,
    1,
  ],
  [
    'throws',
    entity((row, { amount }) => {
      if (amount === 2) throw new Error('two is too much');
      return row;
    }),
    'throws',
    /two is too much/,
    1,
  ],
];

describe('a fold that is not pure', () => {
  it.each(sins)('is found when it %s', (_sin, projection, fault, finding, events) => {
    const error = errorOf(projection);
    expect(error.context).toEqual({ projection: projection.name, fault });
    expect(error.message).toMatch(finding);
    expect(error.events).toHaveLength(events);
  });
});
