import { FlightDeparted, FlightLanded } from '@millrace/contracts';
import { defineEntity } from '@millrace/projecting';

/** `delay` by another logic: nobody is early. */
export const projection = defineEntity({
  name: 'delay',
  version: 2,
  key: 'flightId',
  columns: { minutes: 'integer' },
  ignores: [FlightDeparted],
  folds: (fold) => [fold(FlightLanded, (_row, { delayMinutes }) => ({ minutes: Math.max(0, delayMinutes) }))],
});
