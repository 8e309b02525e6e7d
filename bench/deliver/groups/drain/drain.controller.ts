import { Controller, Get, Post } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { FlightDeparted, FlightLanded } from '@millrace/contracts';
import type { TransactionalDelivery } from '@millrace/delivery';
import type { Measured } from '../../../figure';
import { Handled } from '../../handled';
import { UPSERT } from '../../upsert-sql';
import { countingVariables } from '../counted-here';
import { drain } from './group';

/** Fails until it is mended; then one upsert an event. Counts from there. */
@Controller()
export class DrainController {
  private handled: Handled | undefined;

  @EventPattern(drain.on(FlightDeparted))
  onDeparted(@Payload() departed: FlightDeparted, @Ctx() delivery: TransactionalDelivery): Promise<void> {
    return this.count(departed.flightId, delivery);
  }

  @EventPattern(drain.on(FlightLanded))
  onLanded(@Payload() landed: FlightLanded, @Ctx() delivery: TransactionalDelivery): Promise<void> {
    return this.count(landed.flightId, delivery);
  }

  @Post('bench/mend')
  mend(): void {
    this.handled = new Handled({ warmUp: 0, counted: Number(process.env[countingVariables.counted]) });
  }

  @Get('bench/measured')
  read(): { readonly measured: Measured | null } {
    return { measured: this.handled?.measured ?? null };
  }

  private async count(flightId: string, { transaction }: TransactionalDelivery): Promise<void> {
    if (this.handled === undefined) throw new Error('not mended yet');
    await transaction.query(UPSERT, [flightId]);
    this.handled.one();
  }
}
