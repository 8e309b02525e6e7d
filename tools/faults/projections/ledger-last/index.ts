import { FlightDeparted, FlightLanded } from '@millrace/contracts';
import { defineEntity } from '@millrace/projecting';

/** One row a key: its last number, and how many of its events were folded. A repeat that is folded too shows. */
export const projection = defineEntity({
  name: 'ledgerLast',
  version: 1,
  key: 'flightId',
  columns: { seq: 'integer', events: 'integer' },
  folds: (fold) => [
    fold(FlightLanded, ({ events }, { delayMinutes }) => ({ seq: delayMinutes, events: (events ?? 0) + 1 })),
  ],
  ignores: [FlightDeparted],
});
