import { FlightDeparted, FlightLanded } from '@millrace/contracts';
import { defineEntity } from '@millrace/projecting';

const EVENT_TAKES_MS = 0.5;
const nobody = new Int32Array(new SharedArrayBuffer(4));

/** The rows of `flight`, folded so slowly that a rebuild can be met in the middle, however fast the machine is. */
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
    fold(FlightDeparted, (flight, { origin, destination, departedAt, distanceMiles }) => {
      Atomics.wait(nobody, 0, 0, EVENT_TAKES_MS);
      return { ...flight, origin, destination, departedAt, distanceMiles };
    }),
    fold(FlightLanded, (flight, { delayMinutes }) => {
      Atomics.wait(nobody, 0, 0, EVENT_TAKES_MS);
      return { ...flight, delayMinutes };
    }),
  ],
});
