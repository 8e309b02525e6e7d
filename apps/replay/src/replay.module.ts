import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { PoisonController } from './poison.controller';
import { ProjectionsController } from './projections.controller';
import { Replays } from './replays';
import { ReplaysController } from './replays.controller';

@Module({})
export class ReplayModule {
  static hosting(replays: Replays): DynamicModule {
    return {
      module: ReplayModule,
      controllers: [ReplaysController, ProjectionsController, PoisonController],
      providers: [{ provide: Replays, useValue: replays }],
    };
  }
}
