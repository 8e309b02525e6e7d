import {
  Catch,
  Controller,
  Injectable,
  UseFilters,
  UseGuards,
  UseInterceptors,
  UsePipes,
} from '@nestjs/common';
import type {
  ArgumentsHost,
  CallHandler,
  CanActivate,
  ExceptionFilter,
  ExecutionContext,
  NestInterceptor,
  PipeTransform,
} from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { PermanentError } from '@millrace/delivery';
import type { TransactionalBatchDelivery, TransactionalDelivery } from '@millrace/delivery';
import { waitFor } from '@millrace/testing';
import { tap, throwError } from 'rxjs';
import { TrialConsumer } from './trial-consumer';

interface Order {
  readonly id: string;
}

const events: string[] = [];

@Injectable()
class OrderGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { id } = context.switchToRpc().getData<Order>();
    events.push(`guard ${id}`);
    return id !== 'forbidden';
  }
}

@Injectable()
class OrderPipe implements PipeTransform {
  transform(value: unknown, { type }: { readonly type: string }): unknown {
    return type === 'body' ? { id: `${(value as Order).id}!` } : value;
  }
}

@Injectable()
class OrderInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler) {
    const { metadata } = context.switchToRpc().getContext<TransactionalDelivery>();
    events.push(`before ${metadata.id}`);
    return next.handle().pipe(tap(() => events.push(`after ${metadata.id}`)));
  }
}

class SoldOutError extends Error {}

/** What the domain throws, in the platform's words. */
@Catch(SoldOutError)
class SoldOutFilter implements ExceptionFilter {
  catch(error: SoldOutError, _host: ArgumentsHost) {
    return throwError(() => new PermanentError(`given up: ${error.message}`));
  }
}

function decoratedOf(trial: TrialConsumer): new () => object {
  @Controller()
  @UseGuards(OrderGuard)
  @UseInterceptors(OrderInterceptor)
  @UseFilters(SoldOutFilter)
  class OrdersController {
    @EventPattern(trial.group.on(trial.topic.event('Ordered')))
    @UsePipes(OrderPipe)
    async onOrdered(@Payload() order: Order, @Ctx() delivery: TransactionalDelivery): Promise<void> {
      events.push(`handler ${order.id}`);
      if (order.id === 'sold-out!') throw new SoldOutError('no seat is left');
      const { partition, offset } = delivery.metadata;
      await delivery.transaction.query('INSERT INTO effect VALUES ($1, $2, $3)', [
        order.id,
        partition,
        offset,
      ]);
    }
  }
  return OrdersController;
}

function batchOf(trial: TrialConsumer): new () => object {
  @Controller()
  class OrdersController {
    @EventPattern(trial.group.onBatch(trial.topic.event('Ordered')))
    async onOrdered(
      @Payload() orders: readonly Order[],
      @Ctx() delivery: TransactionalBatchDelivery,
    ): Promise<void> {
      events.push(orders.map(({ id }) => id).join(' '));
      expect(delivery.metadata.map(({ id }) => id)).toEqual(orders.map(({ id }) => id));
      if (orders.some(({ id }) => id === 'bad')) throw new Error('one of them is bad');
      await delivery.transaction.query(
        'INSERT INTO effect SELECT id, $2, record_offset FROM unnest($1::text[], $3::bigint[]) AS given (id, record_offset)',
        [
          orders.map(({ id }) => id),
          delivery.metadata[0]?.partition,
          delivery.metadata.map(({ offset }) => offset),
        ],
      );
    }
  }
  return OrdersController;
}

describe('a handler', () => {
  let trial: TrialConsumer;

  beforeEach(async () => {
    events.length = 0;
    trial = await TrialConsumer.create();
  });

  afterEach(() => trial.remove());

  const taken = (count: number) =>
    waitFor(`${count} effects`, async () => {
      const found = await trial.taken();
      return found.length >= count && found;
    });

  it('runs behind the guards, pipes and interceptors of its controller, and what its filters make of errors decides', async () => {
    trial.controllerFor = decoratedOf;
    await trial.order(0, 'first');
    await trial.order(0, 'sold-out', 1);
    await trial.order(0, 'forbidden', 2);
    await trial.order(0, 'last');
    await trial.start();
    expect(await taken(2)).toEqual(['first!', 'last!']);
    expect(events.slice(0, 4)).toEqual(['guard first', 'before first', 'handler first!', 'after first']);
    const records = await waitFor('two to be set aside', async () => {
      const found = await trial.parked();
      return found.length === 2 && found;
    });
    const [soldOut, forbidden] = records;
    expect(soldOut).toMatchObject({
      ...{ id: 'sold-out', state: 'dead' },
      failure: { reason: 'permanent', attempts: 1, message: 'given up: no seat is left' },
    });
    expect(forbidden).toMatchObject({ id: 'forbidden', failure: { message: 'Forbidden resource' } });
    expect(events).not.toContain('handler forbidden!');
  });

  it('may take many events at once, in order; of a batch that fails only the event that is at fault is set aside', async () => {
    trial.controllerFor = batchOf;
    const orders = Array.from({ length: 40 }, (_, index) => (index === 23 ? 'bad' : `order-${index}`));
    for (const [nth, id] of orders.entries()) await trial.order(0, id, nth);
    await trial.topic.publish('Noted', trial.topic.keyIn(0), { id: 'noted' });
    await trial.order(0, 'behind', 50);
    await trial.start();
    expect(await taken(40)).toEqual([...orders.filter((id) => id !== 'bad'), 'behind']);
    expect(events.some((calls) => calls.split(' ').length > 10)).toBe(true);
    const [bad] = await waitFor('the one', async () => {
      const found = await trial.parked();
      return found.length === 1 && found;
    });
    expect(bad).toMatchObject({ id: 'bad', failure: { reason: 'exhausted', message: 'one of them is bad' } });
  });
});
