import { FlightDeparted, FlightLanded } from '@millrace/contracts';
import { defineEntity } from '@millrace/projecting';

/** How late a flight landed. */
export const projection = defineEntity({
  name: 'delay',
  version: 1,
  key: 'flightId',
  columns: { minutes: 'integer' },
  ignores: [FlightDeparted],
  folds: (fold) => [fold(FlightLanded, (_row, { delayMinutes }) => ({ minutes: delayMinutes }))],
});
