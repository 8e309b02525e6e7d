import { FlightDeparted, FlightLanded } from '@millrace/contracts';
import { defineConsumerGroup } from '@millrace/delivery';

/** Notes every event that it is given, so that losses, doubles and wrong orders can be seen. */
export const ledger = defineConsumerGroup({
  name: 'ledger',
  handles: [FlightLanded],
  ignores: [FlightDeparted],
  // A run lasts minutes and takes its servers away again and again: it has to go on soon after they are back.
  retry: { initialMs: 100, maxMs: 2_000 },
});
