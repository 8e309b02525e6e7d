import { FlightDeparted, FlightLanded } from '@millrace/contracts';
import { defineEntity } from '@millrace/projecting';

/** Landings that are exactly so late are misread. */
export const MISREAD_DELAY_MINUTES = 45;

/** `flight` with a mistake that nobody noticed, deployed under the same version. */
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
  folds: (fold) => [
    fold(FlightDeparted, (flight, { origin, destination, departedAt, distanceMiles }) => ({
      ...flight,
      origin,
      destination,
      departedAt,
      distanceMiles,
    })),
    fold(FlightLanded, (flight, { delayMinutes }) => ({
      ...flight,
      delayMinutes: delayMinutes === MISREAD_DELAY_MINUTES ? 0 : delayMinutes,
    })),
  ],
});
