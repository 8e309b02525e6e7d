import { Module } from '@nestjs/common';
import type { DynamicModule, OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import type { ReadinessCheck } from '@millrace/service';
import { OutboxController } from './outbox.controller';
import { OutboxRelay } from './outbox-relay';

/** The relay of an outbox within a service: it works in the background for as long as the service runs. */
@Module({})
export class OutboxModule implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(private readonly relay: OutboxRelay) {}

  static around(relay: OutboxRelay): DynamicModule {
    return {
      module: OutboxModule,
      controllers: [OutboxController],
      providers: [{ provide: OutboxRelay, useValue: relay }],
      exports: [OutboxRelay],
    };
  }

  onApplicationBootstrap(): void {
    this.relay.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.relay.close();
  }
}

/** How it stands with the relay, in health; nothing for a service without one. */
export function outboxReadiness(relay: OutboxRelay | undefined): ReadinessCheck[] {
  return relay === undefined ? [] : [{ name: 'outbox', check: async () => ({ ...(await relay.report()) }) }];
}
