import { Controller, Get } from '@nestjs/common';
import type { ConsumerGroupDefinition } from '@millrace/delivery';
import type { Measured } from '../../figure';
import { Handled } from '../handled';

/** What is told to the consumer service that hosts a group of these, beside its own settings. */
export const countingVariables = { warmUp: 'BENCH_WARM_UP', counted: 'BENCH_COUNTED' } as const;
export const SINCE_VARIABLE = 'BENCH_SINCE';

/** Where a group of few keys begins: behind what lies in the topic for other figures. */
export const sinceStart: ConsumerGroupDefinition['start'] & object = {
  time: process.env[SINCE_VARIABLE] ?? '2000-01-01T00:00:00Z',
};

/** Of this process: its group's handlers add to it. */
export const handled = new Handled({
  warmUp: Number(process.env[countingVariables.warmUp] ?? 1),
  counted: Number(process.env[countingVariables.counted] ?? 1),
});

/** Beside the handlers, in the same service: tells what they have counted. */
@Controller('bench/measured')
export class MeasuredController {
  @Get()
  read(): { readonly measured: Measured | null } {
    return { measured: handled.measured ?? null };
  }
}
