// Generated from schemas/ by `npm run generate`: edits are lost.

import type { Catalogue } from '../catalogue';
import { FlightDeparted, FlightLanded, flightsTopics } from './flights';

/** Every topic and every event type under schemas/. */
export const catalogue: Catalogue = { topics: [...flightsTopics], events: [FlightDeparted, FlightLanded] };
