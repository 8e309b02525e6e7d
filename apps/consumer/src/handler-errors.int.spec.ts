import { Controller, Module } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { EventPattern } from '@nestjs/microservices';
import { parseConfiguration, startService } from '@millrace/service';
import { silentLogger } from '@millrace/testing';
import { isObservable, lastValueFrom } from 'rxjs';
import { configuration } from './configuration';
import { consumerService } from './consumer-service';
import { GroupServer } from './group-server';

class SeatTakenError extends Error {}

let started = 0;

@Controller()
class FailingController implements OnModuleInit {
  onModuleInit(): void {
    started += 1;
  }

  @EventPattern('seat')
  onSeat(_payload: unknown): Promise<void> {
    return Promise.reject(new SeatTakenError('seat 12A is taken'));
  }
}

@Module({})
class GroupModule {}

// Nest's default filter answers `Internal server error` instead, and kept nothing of the error for health and logs.
it("a handler's error reaches the group server as it was thrown, and its controller is started once", async () => {
  const server = new GroupServer({
    servers: { close: () => Promise.resolve() } as never,
    groups: [],
    catalogue: { topics: [], events: [] },
    log: silentLogger,
  });
  const settings = parseConfiguration(configuration, { ...process.env, PORT: '0', CONSUMER_GROUPS: 'none' });
  const service = await startService(
    {
      ...consumerService,
      module: () => ({
        module: GroupModule,
        controllers: [FailingController],
        providers: [{ provide: GroupServer, useValue: server }],
      }),
      readiness: () => [],
      afterListen: () => undefined,
    },
    settings,
    silentLogger as never,
  );
  try {
    await expect(call(server, 'seat')).rejects.toBeInstanceOf(SeatTakenError);
    expect(started).toBe(1);
  } finally {
    await service.close();
  }
});

async function call(server: GroupServer, pattern: string): Promise<void> {
  const result: unknown = await server.getHandlerByPattern(pattern)?.({});
  if (isObservable(result)) await lastValueFrom(result, { defaultValue: undefined });
}
