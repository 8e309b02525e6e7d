// Generated from schemas/ by `npm run generate`: edits are lost.

import type { EventType } from '../event-type';
import type { TopicDefinition } from '../topic-definition';

/** A flight has left its origin. */
export interface FlightDeparted {
  /** Identifies the flight; the key of both its events. */
  readonly flightId: string;
  /** IATA code of the airport the flight left. */
  readonly origin: string;
  /** IATA code of the airport the flight is bound for. */
  readonly destination: string;
  /** When the flight left. */
  readonly departedAt: Date;
  /** Distance between the two airports, in statute miles. */
  readonly distanceMiles: number;
}

/** A flight has reached its destination. */
export interface FlightLanded {
  /** Identifies the flight; the key of both its events. */
  readonly flightId: string;
  /** IATA code of the airport the flight left. */
  readonly origin: string;
  /** IATA code of the airport the flight reached. */
  readonly destination: string;
  /** How late the flight landed, in minutes; negative when it was early. */
  readonly delayMinutes: number;
}

export const FlightDeparted: EventType<FlightDeparted> = {
  type: 'flights.FlightDeparted',
  topic: 'flights',
  subject: 'flights-flights.FlightDeparted',
  keyField: 'flightId',
  schema: {
    type: 'record',
    name: 'FlightDeparted',
    namespace: 'flights',
    doc: 'A flight has left its origin.',
    fields: [
      { name: 'flightId', type: 'string', doc: 'Identifies the flight; the key of both its events.' },
      { name: 'origin', type: 'string', doc: 'IATA code of the airport the flight left.' },
      { name: 'destination', type: 'string', doc: 'IATA code of the airport the flight is bound for.' },
      {
        name: 'departedAt',
        type: { type: 'long', logicalType: 'timestamp-millis' },
        doc: 'When the flight left.',
      },
      { name: 'distanceMiles', type: 'int', doc: 'Distance between the two airports, in statute miles.' },
    ],
  },
};

export const FlightLanded: EventType<FlightLanded> = {
  type: 'flights.FlightLanded',
  topic: 'flights',
  subject: 'flights-flights.FlightLanded',
  keyField: 'flightId',
  schema: {
    type: 'record',
    name: 'FlightLanded',
    namespace: 'flights',
    doc: 'A flight has reached its destination.',
    fields: [
      { name: 'flightId', type: 'string', doc: 'Identifies the flight; the key of both its events.' },
      { name: 'origin', type: 'string', doc: 'IATA code of the airport the flight left.' },
      { name: 'destination', type: 'string', doc: 'IATA code of the airport the flight reached.' },
      {
        name: 'delayMinutes',
        type: 'int',
        doc: 'How late the flight landed, in minutes; negative when it was early.',
      },
    ],
  },
};

export const flightsTopics: readonly TopicDefinition[] = [
  {
    name: 'flights',
    description: 'What happens to a flight, from its departure to its landing. One key is one flight.',
    owner: 'flights-team',
    partitions: 6,
    replication: { factor: 3, minInSync: 2 },
    cleanup: 'delete',
    compatibility: 'FULL_TRANSITIVE',
    retentionMs: 'unlimited',
    events: ['flights.FlightDeparted', 'flights.FlightLanded'],
    keyField: 'flightId',
  },
];
