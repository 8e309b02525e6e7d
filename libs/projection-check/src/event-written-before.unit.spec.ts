import { catalogue, defineUpcaster, FlightLanded } from '@millrace/contracts';
import type { AvroRecordSchema } from '@millrace/contracts';
import { defineEntity } from '@millrace/projecting';
import { checkProjection } from './check-projection';
import { UnfitProjectionError } from './errors';
import { eventWrittenBefore } from './event-written-before';

const delayInSeconds: AvroRecordSchema = {
  type: 'record',
  name: 'FlightLanded',
  namespace: 'flights',
  fields: [
    ...FlightLanded.schema.fields.filter(({ name }) => name !== 'delayMinutes'),
    { name: 'delaySeconds', type: 'int' },
  ],
};
const value = { flightId: 'a', origin: 'DTW', destination: 'LAS', delaySeconds: 3_960 };
const lifting = {
  ...catalogue,
  upcasters: [
    defineUpcaster<{ delaySeconds: number }>({
      ...{ name: 'delay-in-minutes', event: FlightLanded.type, writtenWith: { has: ['delaySeconds'] } },
      upcast: ({ delaySeconds, ...others }) => ({ ...others, delayMinutes: delaySeconds / 60 }),
    }),
  ],
};

describe('an event of an older version as a sample', () => {
  const sample = () => eventWrittenBefore(FlightLanded, { schema: delayInSeconds, value }, lifting);

  it('is what its upcasters make of it', () => {
    expect(sample().value).toMatchObject({ flightId: 'a', delayMinutes: 66 });
  });

  it('goes through the check of a projection as any other', () => {
    const delays = (give: (minutes: number) => number) =>
      defineEntity({
        ...{ name: 'delays', version: 1, key: 'flightId', columns: { minutes: 'integer' } },
        folds: (fold) => [fold(FlightLanded, (_, { delayMinutes }) => ({ minutes: give(delayMinutes) }))],
        ignores: catalogue.events.filter(({ type }) => type !== FlightLanded.type),
      });
    expect(() =>
      checkProjection(
        delays((minutes) => minutes),
        [sample()],
      ),
    ).not.toThrow();
    expect(() =>
      checkProjection(
        delays((minutes) => minutes + 0.5),
        [sample()],
      ),
    ).toThrow(UnfitProjectionError);
  });

  it('is refused as a reader would refuse it', () => {
    expect(() => eventWrittenBefore(FlightLanded, { schema: delayInSeconds, value })).toThrow(/delayMinutes/);
  });
});
