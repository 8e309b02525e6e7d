import { FlightDeparted, FlightLanded } from '@millrace/contracts';
import { defineEntity } from '@millrace/projecting';

/** One row a flight: where it goes, when it left, and how late it landed once it has. */
export const projection = defineEntity({
  name: 'flight',
  version: 1,
  key: 'flightId',
  columns: {
    origin: 'text',
    destination: 'text',
    departedAt: 'timestamp',
    distanceMiles: 'integer',
    delayMinutes: 'integer',
  },
  // For the demo's list of the latest; a service that lists them all day declares an index.
  queryable: ['delayMinutes'],
  folds: (fold) => [
    fold(FlightDeparted, (flight, { origin, destination, departedAt, distanceMiles }) => ({
      ...flight,
      origin,
      destination,
      departedAt,
      distanceMiles,
    })),
    fold(FlightLanded, (flight, { delayMinutes }) => ({ ...flight, delayMinutes })),
  ],
});
