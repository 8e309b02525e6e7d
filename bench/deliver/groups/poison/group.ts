import { FlightDeparted, FlightLanded } from '@millrace/contracts';
import { defineConsumerGroup } from '@millrace/delivery';
import { sinceStart } from '../counted-here';

export const poison = defineConsumerGroup({
  name: 'bench-poison',
  handles: [FlightDeparted, FlightLanded],
  start: sinceStart,
});
