import { FlightDeparted, FlightLanded } from '@millrace/contracts';
import { defineConsumerGroup } from '@millrace/delivery';

/** Records every landing that was late by more than an hour. */
export const delayAlerts = defineConsumerGroup({
  name: 'delay-alerts',
  handles: [FlightLanded],
  ignores: [FlightDeparted],
});
