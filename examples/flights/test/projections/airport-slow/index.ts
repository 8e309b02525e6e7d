import { projection as airport } from '../../../projections/airport/index';
import { slowed } from '../slowed';

export const projection = slowed(airport);
