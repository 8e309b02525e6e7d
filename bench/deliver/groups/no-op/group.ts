import { FlightDeparted, FlightLanded } from '@millrace/contracts';
import { defineConsumerGroup } from '@millrace/delivery';

export const noOp = defineConsumerGroup({ name: 'bench-no-op', handles: [FlightDeparted, FlightLanded] });
