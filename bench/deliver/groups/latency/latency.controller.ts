import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { FlightDeparted, FlightLanded } from '@millrace/contracts';
import type { TransactionalDelivery } from '@millrace/delivery';
import { nowMs, SENT_AT_EXTENSION } from '../../sent-at';
import { handled } from '../counted-here';
import { latency } from './group';

/** Notes how long an event took from its producer to here. */
@Controller()
export class LatencyController {
  @EventPattern(latency.on(FlightDeparted))
  onDeparted(@Payload() _departed: FlightDeparted, @Ctx() delivery: TransactionalDelivery): void {
    note(delivery);
  }

  @EventPattern(latency.on(FlightLanded))
  onLanded(@Payload() _landed: FlightLanded, @Ctx() delivery: TransactionalDelivery): void {
    note(delivery);
  }
}

function note({ metadata }: TransactionalDelivery): void {
  handled.one(nowMs() - Number(metadata.extension(SENT_AT_EXTENSION)));
}
