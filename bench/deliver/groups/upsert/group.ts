import { FlightDeparted, FlightLanded } from '@millrace/contracts';
import { defineConsumerGroup } from '@millrace/delivery';

export const upsert = defineConsumerGroup({ name: 'bench-upsert', handles: [FlightDeparted, FlightLanded] });
