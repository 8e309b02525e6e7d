import { projection as flight } from '../../../projections/flight/index';
import { slowed } from '../slowed';

export const projection = slowed(flight);
