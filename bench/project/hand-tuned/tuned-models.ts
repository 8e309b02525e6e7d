import { airportLoop } from './airport-loop';
import { flightLoop } from './flight-loop';
import type { TunedModel } from './tuned-model';

/** The models of the flights, named as our projections are. */
export const tunedModels: Readonly<Record<'flight' | 'airport', TunedModel>> = {
  flight: flightLoop,
  airport: airportLoop,
};
