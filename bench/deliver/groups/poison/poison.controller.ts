import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { FlightDeparted, FlightLanded } from '@millrace/contracts';
import type { TransactionalDelivery } from '@millrace/delivery';
import { POISON_KEY } from '../../keys';
import { UPSERT } from '../../upsert-sql';
import { handled } from '../counted-here';
import { poison } from './group';

const isPoisoned = process.env['BENCH_POISONED'] === 'true';

/** One upsert an event; one key may fail from the end of the warm-up on. Only the other keys are counted. */
@Controller()
export class PoisonController {
  /** A transaction that fails is run again: an event counts once. By partition. */
  private readonly counted = new Map<number, bigint>();

  @EventPattern(poison.on(FlightDeparted))
  onDeparted(@Payload() departed: FlightDeparted, @Ctx() delivery: TransactionalDelivery): Promise<void> {
    return this.count(departed.flightId, delivery);
  }

  @EventPattern(poison.on(FlightLanded))
  onLanded(@Payload() landed: FlightLanded, @Ctx() delivery: TransactionalDelivery): Promise<void> {
    return this.count(landed.flightId, delivery);
  }

  private async count(flightId: string, { transaction, metadata }: TransactionalDelivery): Promise<void> {
    const { key, partition, offset } = metadata;
    if (key === POISON_KEY && isPoisoned && handled.isWarm) throw new Error('this key always fails');
    await transaction.query(UPSERT, [flightId]);
    if (key === POISON_KEY || offset <= (this.counted.get(partition) ?? -1n)) return;
    this.counted.set(partition, offset);
    handled.one();
  }
}
