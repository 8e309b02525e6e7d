import { toJson } from '@millrace/contracts';
import { payloadSchemas } from '@millrace/documents';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import fc from 'fast-check';
import { parseJsonPayload } from '../index';
import { allTypes, anyValue } from './all-types';

// The producer decides with `parseJsonPayload`; its documents show people and tools a JSON Schema. They must agree.
const ajv = new Ajv2020({ strict: false, allErrors: true });
formats(ajv);
ajv.addSchema({ $id: 'https://specs.test/document', components: { schemas: payloadSchemas([allTypes]) } });
const validate = ajv.compile({ $ref: 'https://specs.test/document#/components/schemas/specs.AllTypes' });
const isAccepted = (json: unknown): boolean => parseJsonPayload(allTypes, json).ok;

/** RFC 3339 has four digits for a year; other years are brought into this span. */
const inRfc3339 = (date: Date): Date => new Date(Math.abs(date.getTime()) % Date.UTC(9_999, 0));
const describable = anyValue.map((value) => ({
  ...value,
  atMillis: inRfc3339(value['atMillis'] as Date),
  localMillis: inRfc3339(value['localMillis'] as Date),
  maybeAt: value['maybeAt'] === null ? null : inRfc3339(value['maybeAt'] as Date),
  day: inRfc3339(new Date(String(value['day'])))
    .toISOString()
    .slice(0, 10),
}));

const [base] = fc.sample(describable, { numRuns: 1, seed: 1 });
const valid = toJson(base) as Record<string, unknown>;

describe('the JSON Schema of an event type', () => {
  it('takes every value in its JSON form', () => {
    fc.assert(
      fc.property(describable, (value) => {
        expect(validate(toJson(value)) ? [] : validate.errors).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['flag', 'true'],
    ['small', 2_147_483_648],
    ['small', 1.5],
    ['large', '12x'],
    ['large', 1.5],
    ['single', 'many'],
    ['text', 7],
    ['hash', 'AA=='],
    ['color', 'BLUE'],
    ['price', '1.234'],
    ['price', '1234567890123456789.00'],
    ['id', 'not-a-uuid'],
    ['binaryId', 7],
    ['day', '2001-13-01'],
    ['timeMillis', 86_400_000],
    ['timeMicros', -1],
    ['atMillis', 'yesterday'],
    ['atMillis', '2001-01-01T00:00:00'],
    ['atMicros', true],
    ['localMillis', 'noon'],
    ['longs', [1, 'x']],
    ['names', { a: 7 }],
    ['maybeLong', {}],
    ['mixed', ['BLUE']],
    ['nested', { next: { next: 7 } }],
    ['nested', {}],
    ['unknown', 1],
    ['flag', undefined],
  ])('refuses what the producer refuses: %s as %j', (field, value) => {
    const { [field]: _before, ...others } = valid;
    const json = value === undefined ? others : { ...others, [field]: value };
    expect([validate(json), isAccepted(json)]).toEqual([false, false]);
  });

  it.each([
    ['large', '9223372036854775807'],
    ['double', 'NaN'],
    ['price', 12.5],
    ['price', '-0.10'],
    ['atMillis', 0],
    ['atMillis', '2001-01-01T00:00:00.123+02:00'],
    ['localMicros', '2001-01-01T00:00:00.123456'],
    ['timeMicros', '86399999999'],
    ['mixed', null],
    ['mixed', ['RED']],
  ])('takes what the producer takes: %s as %j', (field, value) => {
    const json = { ...valid, [field]: value };
    expect([validate(json), isAccepted(json)]).toEqual([true, true]);
  });
});
