import { FlightDeparted, FlightLanded } from '@millrace/contracts';
import { defineAggregate } from '@millrace/projecting';

/** One row a destination, which many keys share: how many events, the sum of their numbers, and the highest. */
export const projection = defineAggregate({
  name: 'ledgerSum',
  version: 1,
  key: 'destination',
  columns: {
    events: { type: 'bigint', merge: 'sum' },
    seqSum: { type: 'bigint', merge: 'sum' },
    maxSeq: { type: 'integer', merge: 'max' },
  },
  empty: { events: 0n, seqSum: 0n, maxSeq: 0 },
  folds: (fold) => [
    fold(
      FlightLanded,
      ({ destination }) => destination,
      ({ events, seqSum, maxSeq }, { delayMinutes }) => ({
        events: events + 1n,
        seqSum: seqSum + BigInt(delayMinutes),
        maxSeq: Math.max(maxSeq, delayMinutes),
      }),
    ),
  ],
  ignores: [FlightDeparted],
});
