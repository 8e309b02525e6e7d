import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { ProjectionHost } from './projection-host';
import { AT_LEAST_TIMEOUT_MS, ProjectionsController } from './projections.controller';

@Module({})
export class ProjectionModule {
  static hosting(host: ProjectionHost, atLeastTimeoutMs: number): DynamicModule {
    return {
      module: ProjectionModule,
      controllers: [ProjectionsController],
      providers: [
        { provide: ProjectionHost, useValue: host },
        { provide: AT_LEAST_TIMEOUT_MS, useValue: atLeastTimeoutMs },
      ],
    };
  }
}
