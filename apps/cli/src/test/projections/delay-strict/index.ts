import { FlightDeparted, FlightLanded } from '@millrace/contracts';
import { defineEntity } from '@millrace/projecting';

/** `delay` as somebody broke it: it cannot fold flights that are more than a day late. */
export const projection = defineEntity({
  name: 'delay',
  version: 1,
  key: 'flightId',
  columns: { minutes: 'integer' },
  ignores: [FlightDeparted],
  folds: (fold) => [
    fold(FlightLanded, (_row, { delayMinutes }) => {
      if (delayMinutes > 1_440) throw new RangeError('nobody waits for so long');
      return { minutes: delayMinutes };
    }),
  ],
});
