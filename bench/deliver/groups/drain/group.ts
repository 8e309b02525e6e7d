import { FlightDeparted, FlightLanded } from '@millrace/contracts';
import { defineConsumerGroup } from '@millrace/delivery';
import { sinceStart } from '../counted-here';

export const drain = defineConsumerGroup({
  name: 'bench-drain',
  // All of it fails until somebody mends it, and is then redriven.
  retry: { attempts: 1 },
  parking: { initialMs: 3_600_000, maxMs: 3_600_000, maxRecords: 1_000_000, maxKeyShare: 1 },
  handles: [FlightDeparted, FlightLanded],
  start: sinceStart,
});
