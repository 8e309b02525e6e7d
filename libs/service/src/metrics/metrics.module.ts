import { Module } from '@nestjs/common';
import { Metrics } from './metrics';
import { MetricsController } from './metrics.controller';

/** The metrics endpoint of a service; `startService` adds it to every application and sets the sources. */
@Module({ controllers: [MetricsController], providers: [Metrics] })
export class MetricsModule {}
