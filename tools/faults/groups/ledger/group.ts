import { FlightDeparted, FlightLanded } from '@millrace/contracts';
import { defineConsumerGroup } from '@millrace/delivery';
import { ladder } from '../ladder';

/** Notes every event that it is given, so that losses, doubles and wrong orders can be seen. */
export const ledger = defineConsumerGroup({
  name: 'ledger',
  handles: [FlightLanded],
  ignores: [FlightDeparted],
  ...ladder,
});
