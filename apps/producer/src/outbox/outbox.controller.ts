import { Controller, Get, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { NotSetAsideError } from './errors';
import type { RefusedEvent } from './outbox-backlog';
import { OutboxRelay } from './outbox-relay';
import type { OutboxReport } from './outbox-relay';

/** For operators: how far the relay is, and what it has set aside. */
@Controller('v1/outbox')
export class OutboxController {
  constructor(@Inject(OutboxRelay) private readonly relay: OutboxRelay) {}

  /** The backlog, and the first hundred events that are set aside. */
  @Get()
  async show(): Promise<OutboxReport & { readonly refused: readonly RefusedEvent[] }> {
    return { ...(await this.relay.report()), refused: await this.relay.listRefused() };
  }

  /** Has an event that is set aside tried once more, and with it those that wait behind it. */
  @Post('set-aside/:number/retry')
  @HttpCode(202)
  async retry(@Param('number') number: string): Promise<{ readonly number: string }> {
    await this.relay.retry(readNumber(number));
    return { number };
  }

  /** Gives an event that is set aside up for good; those that wait behind it go on. */
  @Post('set-aside/:number/discard')
  @HttpCode(200)
  discard(@Param('number') number: string): Promise<object> {
    return this.relay.discard(readNumber(number));
  }
}

function readNumber(text: string): bigint {
  if (!/^\d{1,18}$/.test(text)) throw new NotSetAsideError(text);
  return BigInt(text);
}
