import { eventOf } from '@millrace/client';
import { FlightLanded } from '@millrace/contracts';
import type { Projection } from '@millrace/projecting';
import { checkProjection } from '@millrace/projection-check';
import { projection as ledgerLast } from './ledger-last/index';
import { projection as ledgerSum } from './ledger-sum/index';

const samples = [1, 2, 3, 4, 5, 6].map((delayMinutes) =>
  eventOf(FlightLanded, {
    flightId: `k${delayMinutes % 3}`,
    origin: 'o',
    destination: `d${delayMinutes % 2}`,
    delayMinutes,
  }),
);

describe('the projections of the ledger', () => {
  it.each<[string, Projection]>([
    ['ledgerLast', ledgerLast],
    ['ledgerSum', ledgerSum],
  ])('give rows that are a function of the log: %s', (_name, projection) => {
    checkProjection(projection, samples);
  });
});
