import { FlightDeparted, FlightLanded } from '@millrace/contracts';
import { defineConsumerGroup } from '@millrace/delivery';
import { ladder } from '../ladder';

/** Calls something outside for every event that it is given, which notes each call, so that they can be counted. */
export const outside = defineConsumerGroup({
  name: 'outside',
  kind: 'external',
  handles: [FlightLanded],
  ignores: [FlightDeparted],
  ...ladder,
  // Calls that hang while a server is suspended are given up, and made again beside what may still be under way.
  calls: { timeoutMs: 3_000 },
});
