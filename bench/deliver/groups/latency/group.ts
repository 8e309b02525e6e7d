import { FlightDeparted, FlightLanded } from '@millrace/contracts';
import { defineConsumerGroup } from '@millrace/delivery';

export const latency = defineConsumerGroup({
  name: 'bench-latency',
  handles: [FlightDeparted, FlightLanded],
  start: 'latest',
});
