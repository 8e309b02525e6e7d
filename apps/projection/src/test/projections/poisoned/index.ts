import { FlightDeparted, FlightLanded } from '@millrace/contracts';
import { defineEntity } from '@millrace/projecting';

/** What the fold that is deployed does not take. It stands for its code: it is the same for as long as the process lives. */
const refused = (process.env['REFUSED_DELAYS'] ?? '').split(',');

/** The delays of a flight in the order in which they were folded: it shows whatever was lost, doubled or moved. */
export const projection = defineEntity({
  name: 'poisoned',
  version: 1,
  key: 'flightId',
  columns: { seen: 'text' },
  ignores: [FlightDeparted],
  folds: (fold) => [
    fold(FlightLanded, ({ seen }, { delayMinutes }) => {
      if (refused.includes(String(delayMinutes))) throw new Error('no flight is so late');
      return { seen: [seen, delayMinutes].filter((each) => each !== null).join(' ') };
    }),
  ],
});
