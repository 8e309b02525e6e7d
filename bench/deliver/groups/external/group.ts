import { FlightDeparted, FlightLanded } from '@millrace/contracts';
import { defineConsumerGroup } from '@millrace/delivery';
import { sinceStart } from '../counted-here';

export const external = defineConsumerGroup({
  name: 'bench-external',
  kind: 'external',
  handles: [FlightDeparted, FlightLanded],
  start: sinceStart,
});
