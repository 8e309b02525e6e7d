import { readFileSync } from 'node:fs';
import type { EventType } from '@millrace/contracts';
import { defineAggregate, defineEntity } from '@millrace/projecting';
import { compileErrors, validate } from '@readme/openapi-parser';
import { openApiDocument, projectionDocument } from '../openapi/openapi-document';
import { problemTypes } from '../openapi/problem-types';

const Paid: EventType<object> = {
  ...{ type: 'trial.Paid', topic: 'trial', subject: 'trial-trial.Paid', keyField: undefined },
  schema: { type: 'record', name: 'Paid', namespace: 'trial', fields: [] },
};

const everything = defineEntity({
  name: 'payment',
  version: 3,
  key: 'paymentId',
  columns: {
    ...{ aText: 'text', anInteger: 'integer', aBigint: 'bigint', aDouble: 'double', aDecimal: 'decimal' },
    ...{
      aBoolean: 'boolean',
      aTimestamp: 'timestamp',
      aDate: 'date',
      aJson: 'json',
      hidden: 'text',
      limit: 'integer',
    },
  },
  indexes: [['aText', 'anInteger', 'aBigint'], ['aDouble'], ['aDecimal'], ['aTimestamp'], ['aDate']],
  queryable: ['aBoolean', 'limit'],
  folds: (fold) => [fold(Paid, (row) => row)],
});

const total = defineAggregate({
  ...{ name: 'total', version: 1, key: 'account' },
  columns: { paid: { type: 'bigint', merge: 'sum' } },
  empty: { paid: 0n },
  folds: (fold) => [
    fold(
      Paid,
      () => 'all',
      (row) => row,
    ),
  ],
  derive: () => ({ any: 'thing' }),
});

/** Rows of the guide's tables that begin with a status and a problem. */
function problemsOfGuide(): string[] {
  const guide = readFileSync('docs/guides/projections.md', 'utf8');
  return [...guide.matchAll(/^\| (\d{3}) +\| `([a-z-]+)`/gm)].map(([, status, name]) => `${status} ${name}`);
}

describe('the OpenAPI document', () => {
  // The parser replaces references within what it is given.
  const faults = async (document: object) => {
    const result = await validate(structuredClone(document) as never);
    return result.valid ? [] : compileErrors(result);
  };

  it('of a projection and of the service is valid OpenAPI 3.1', async () => {
    expect(await faults(projectionDocument(everything))).toEqual([]);
    expect(await faults(projectionDocument(total))).toEqual([]);
    expect(await faults(openApiDocument([everything, total]))).toEqual([]);
  });

  it('has a parameter for each operator on each column that may be filtered, and on no other', () => {
    const { paths } = projectionDocument(everything) as {
      paths: Record<string, { get: { parameters: { name: string }[] } }>;
    };
    const names = paths['/v1/projections/payment']!.get.parameters.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining([
        'paymentId',
        'aDate[gte]',
        'aBoolean',
        'aBigint[in]',
        'aText[null]',
        'limit[eq]',
      ]),
    );
    expect(names.filter((name) => /hidden|aJson/.test(name))).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
  });

  it('knows every problem of the guide, under its status', () => {
    const known = problemTypes.map(({ status, name }) => `${status} ${name}`);
    expect(problemsOfGuide().length).toBeGreaterThan(12);
    expect(problemsOfGuide().filter((each) => !known.includes(each))).toEqual([]);
  });
});
