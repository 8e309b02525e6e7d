import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import type { Database } from '@millrace/postgres';
import { DocumentsController } from './openapi/documents.controller';
import { ProjectionHost } from './projection-host';
import { AT_LEAST_TIMEOUT_MS, ProjectionsController } from './projections.controller';

const QUERIED = Symbol('QUERIED');

@Module({})
export class ProjectionModule {
  /** `queried` is closed when the last request has its answer; without it the host's own connections are queried. */
  static hosting(host: ProjectionHost, atLeastTimeoutMs: number, queried?: Database): DynamicModule {
    return {
      module: ProjectionModule,
      controllers: [ProjectionsController, DocumentsController],
      providers: [
        { provide: ProjectionHost, useValue: host },
        { provide: AT_LEAST_TIMEOUT_MS, useValue: atLeastTimeoutMs },
        { provide: QUERIED, useValue: { onApplicationShutdown: () => queried?.end() } },
      ],
    };
  }
}
