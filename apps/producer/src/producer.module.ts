import { Inject, Module, Optional } from '@nestjs/common';
import type { DynamicModule, OnApplicationShutdown } from '@nestjs/common';
import type { Logger } from '@millrace/contracts';
import type { Settings } from '@millrace/service';
import type { configuration } from './configuration';
import { EventsController, LOG, SETTINGS } from './events.controller';
import { DocumentsController } from './openapi/documents.controller';
import { OutboxModule } from './outbox/outbox.module';
import { OutboxRelay } from './outbox/outbox-relay';
import { WritePath } from './write-path';

@Module({})
export class ProducerModule implements OnApplicationShutdown {
  constructor(
    @Inject(WritePath) private readonly writePath: WritePath,
    /** Undefined when there is no outbox to relay. */
    @Optional() @Inject(OutboxRelay) readonly outbox?: OutboxRelay,
  ) {}

  static around(
    { writePath, outbox }: { readonly writePath: WritePath; readonly outbox: OutboxRelay | undefined },
    settings: Settings<typeof configuration>,
    log: Logger,
  ): DynamicModule {
    return {
      module: ProducerModule,
      imports: outbox === undefined ? [] : [OutboxModule.around(outbox)],
      controllers: [EventsController, DocumentsController],
      providers: [
        { provide: WritePath, useValue: writePath },
        { provide: SETTINGS, useValue: settings },
        { provide: LOG, useValue: log },
      ],
    };
  }

  /** The port is closed by now: what was taken still gets its answer. */
  async onApplicationShutdown(): Promise<void> {
    await this.writePath.close();
  }
}
