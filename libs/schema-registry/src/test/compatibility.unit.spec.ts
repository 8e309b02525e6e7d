import type { EventType } from '@millrace/contracts';
import { byteRangeOf } from '@millrace/event';
import { encodeEvent } from '../codec/encode-event';
import { makeEventReader } from '../codec/event-reader';
import { checkCompatibility } from '../compatibility/check-compatibility';
import type { Violation } from '../compatibility/check-compatibility';
import { eventTypeOf } from './all-types';
import { schemaChanges } from './schema-changes';
import type { SchemaChange } from './schema-changes';

/** Avro asks for equal precision; a record that was written with another one can be read all the same. */
const decodedAllTheSame = new Set(['a decimal of another precision']);

function violations({ before, after }: SchemaChange): Violation[] {
  const earlier = { label: 'version 1', schema: eventTypeOf(before).schema };
  return checkCompatibility('FULL', eventTypeOf(after).schema, [earlier]);
}

function readerOf(event: EventType, written: EventType): ReturnType<typeof makeEventReader> {
  const schema = { schemaType: 'AVRO', text: JSON.stringify(written.schema), references: 0 };
  return makeEventReader({ topics: [], events: [event] }, { topic: 'specs', schemaId: 1, schema });
}

function decode(event: EventType, written: EventType, value: Record<string, unknown>): unknown {
  const reader = readerOf(event, written);
  if ('error' in reader) throw reader.error();
  return reader.decode(byteRangeOf(encodeEvent(written, 1, value)));
}

describe.each(schemaChanges)('$what', (change) => {
  const [before, after] = [eventTypeOf(change.before), eventTypeOf(change.after)];

  it('is told apart in both directions, with the rule, its place and a way out', () => {
    const found = violations(change);
    const rules = (wanted: string): string[] =>
      found.filter(({ direction }) => direction === wanted).map(({ rule }) => rule);
    expect({ backward: rules('backward'), forward: rules('forward') }).toEqual({
      backward: change.backward === undefined ? [] : [change.backward],
      forward: change.forward === undefined ? [] : [change.forward],
    });
    for (const { path, message, advice } of found) {
      expect(path).toBe(change.path ?? path);
      expect(message).toContain('version 1');
      expect(advice).not.toBe('');
    }
  });

  it('is decoded where it is compatible, and refused where it is not', () => {
    const broken = [readerOf(after, before), readerOf(before, after)].map((reader) => 'error' in reader);
    const expected = decodedAllTheSame.has(change.what)
      ? [false, false]
      : [change.backward !== undefined, change.forward !== undefined];
    expect(broken).toEqual(expected);
    const { upgrade, downgrade } = change;
    if (upgrade !== undefined) expect(decode(after, before, upgrade[0])).toEqual(upgrade[1]);
    if (downgrade !== undefined) expect(decode(before, after, downgrade[0])).toEqual(downgrade[1]);
  });
});

describe('a compatibility level', () => {
  const int = eventTypeOf([{ name: 'x', type: 'int' }]).schema;
  const text = eventTypeOf([{ name: 'x', type: 'string' }]).schema;
  const long = eventTypeOf([{ name: 'x', type: 'long' }]).schema;
  const versions = [
    { label: 'version 1', schema: text },
    { label: 'version 2', schema: int },
  ];

  it.each([
    ['NONE', []],
    ['BACKWARD', []],
    ['FORWARD', ['version 2 forward']],
    ['FULL', ['version 2 forward']],
    ['BACKWARD_TRANSITIVE', ['version 1 backward']],
    ['FORWARD_TRANSITIVE', ['version 1 forward', 'version 2 forward']],
    ['FULL_TRANSITIVE', ['version 1 backward', 'version 1 forward', 'version 2 forward']],
  ] as const)('%s compares with the versions and in the directions that it names', (level, expected) => {
    const found = checkCompatibility(level, long, versions);
    expect(found.map(({ version, direction }) => `${version} ${direction}`)).toEqual(expected);
  });

  it('says of a version that is no schema that it cannot be used', () => {
    const broken = { label: 'version 1', schema: { type: 'record', name: 'Thing' } };
    expect(checkCompatibility('BACKWARD', int, [broken])).toMatchObject([
      { rule: 'schema-unusable', version: 'version 1' },
    ]);
  });
});
