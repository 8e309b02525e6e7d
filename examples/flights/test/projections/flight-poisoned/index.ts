import { FlightLanded } from '@millrace/contracts';
import type { FlightLanded as Landing } from '@millrace/contracts';
import type { Projection } from '@millrace/projecting';
import { projection as flight } from '../../../projections/flight/index';

/** Landings that are exactly so late cannot be folded. */
export const POISON_DELAY_MINUTES = 45;

const landed = flight.folds.get(FlightLanded.type);

/** `flight` with a fold that does not take every landing, deployed under the same version. */
export const projection: Projection = {
  ...flight,
  folds: new Map(flight.folds).set(FlightLanded.type, {
    key: landed?.key,
    apply: (state, payload, metadata) => {
      if ((payload as Landing).delayMinutes === POISON_DELAY_MINUTES) throw new Error('no such delay');
      return landed?.apply(state, payload, metadata) ?? null;
    },
  }),
};
