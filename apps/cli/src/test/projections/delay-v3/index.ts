import { FlightDeparted, FlightLanded } from '@millrace/contracts';
import { defineEntity } from '@millrace/projecting';

/** `delay` by a logic that cannot read flights that were early, of which it parks one. */
export const projection = defineEntity({
  name: 'delay',
  version: 3,
  key: 'flightId',
  columns: { minutes: 'integer' },
  ignores: [FlightDeparted],
  parking: { maxKeys: 1 },
  folds: (fold) => [
    fold(FlightLanded, (_row, { delayMinutes }) => {
      if (delayMinutes < 0) throw new RangeError('nobody is early');
      return { minutes: delayMinutes };
    }),
  ],
});
