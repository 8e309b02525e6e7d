import { jest } from '@jest/globals';
import { Controller, createParamDecorator, Module, ParseIntPipe, UsePipes } from '@nestjs/common';
import type { ExecutionContext, PipeTransform } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Ctx, EventPattern, Payload, Server } from '@nestjs/microservices';
import type { CustomTransportStrategy } from '@nestjs/microservices';
import { RpcContextCreator } from '@nestjs/microservices/context/rpc-context-creator.js';
import './plain-parameters';

class TrialServer extends Server implements CustomTransportStrategy {
  listen(callback: () => void): void {
    callback();
  }
  close = () => undefined;
  on = () => undefined;
  unwrap = <Unwrapped>() => undefined as Unwrapped;
}

const SeatLater = createParamDecorator((_: unknown, context: ExecutionContext) =>
  Promise.resolve(context.switchToRpc().getData<{ seat: string }>().seat),
);
const toSeat: PipeTransform = { transform: ({ seat }: { seat: string }) => seat };

@Controller()
class SeatController {
  @EventPattern('whole')
  whole(@Payload() payload: unknown, @Ctx() context: unknown): unknown {
    return [payload, context];
  }

  @EventPattern('field')
  field(@Payload('seat') seat: unknown, @Ctx() context: unknown): unknown {
    return [context, seat];
  }

  @EventPattern('piped')
  piped(@Payload('row', ParseIntPipe) row: number): unknown {
    return row;
  }

  @EventPattern('later')
  later(@SeatLater() seat: string): unknown {
    return seat;
  }

  @UsePipes(toSeat)
  @EventPattern('all-piped')
  allPiped(@Payload() seat: unknown): unknown {
    return seat;
  }

  @EventPattern('bare')
  bare(payload: unknown): unknown {
    return payload;
  }
}

@Module({ controllers: [SeatController] })
class SeatModule {}

describe('the parameters of a handler', () => {
  const event = { seat: '12A', row: '12' };
  const server = new TrialServer();
  const slowly = jest.spyOn(RpcContextCreator.prototype, 'getParamValue');
  const call = async (pattern: string): Promise<unknown> =>
    server.getHandlerByPattern(pattern)?.(event, 'context');

  beforeAll(async () => {
    const app = await NestFactory.createMicroservice(SeatModule, { strategy: server, logger: false });
    await app.listen();
  });

  beforeEach(() => slowly.mockClear());

  it.each([
    ['whole', [event, 'context']],
    ['field', ['context', '12A']],
    ['bare', event],
  ])('are handed over at once where no pipe has anything to say: %s', async (pattern, expected) => {
    expect(await call(pattern)).toEqual(expected);
    expect(slowly).not.toHaveBeenCalled();
  });

  it.each([
    ['piped', 12],
    ['later', '12A'],
    ['all-piped', '12A'],
  ])('go Nest’s own way where there is something to wait for: %s', async (pattern, expected) => {
    expect(await call(pattern)).toEqual(expected);
    expect(slowly).toHaveBeenCalled();
  });
});
