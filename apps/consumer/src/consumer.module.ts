import { Module } from '@nestjs/common';
import type { DynamicModule, Provider } from '@nestjs/common';
import type { HostedGroup } from '@millrace/delivery';
import { GroupReports } from './group-reports';
import { GroupServer } from './group-server';
import { GroupsController } from './groups.controller';
import { DocumentsController } from './openapi/documents.controller';
import { ParkedController } from './parked.controller';
import { PositionsController } from './positions.controller';

@Module({})
export class ConsumerModule {
  /** The groups' controllers and providers, beside the server that delivers to them. */
  static hosting(groups: readonly HostedGroup[], server: GroupServer): DynamicModule {
    return {
      module: ConsumerModule,
      controllers: [
        GroupsController,
        DocumentsController,
        ParkedController,
        PositionsController,
        ...groups.flatMap(({ controllers }) => controllers),
      ],
      providers: [
        { provide: GroupServer, useValue: server },
        { provide: GroupReports, useValue: new GroupReports(server) },
        ...groups.flatMap(({ providers }) => (providers ?? []) as Provider[]),
      ],
    };
  }
}
