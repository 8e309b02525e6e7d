import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { FlightDeparted, FlightLanded } from '@millrace/contracts';
import type { TransactionalDelivery } from '@millrace/delivery';
import { handled } from '../counted-here';
import { noOp } from './group';

/** Does nothing with an event, which shows what all else costs. */
@Controller()
export class NoOpController {
  @EventPattern(noOp.on(FlightDeparted))
  onDeparted(@Payload() _departed: FlightDeparted, @Ctx() _delivery: TransactionalDelivery): void {
    handled.one();
  }

  @EventPattern(noOp.on(FlightLanded))
  onLanded(@Payload() _landed: FlightLanded, @Ctx() _delivery: TransactionalDelivery): void {
    handled.one();
  }
}
