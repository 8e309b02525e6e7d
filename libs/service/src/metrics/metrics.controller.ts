import { Controller, Get, Header } from '@nestjs/common';
import { Metrics } from './metrics';

/** `/metrics`, for Prometheus and what reads its text format. */
@Controller('metrics')
export class MetricsController {
  constructor(private readonly metrics: Metrics) {}

  @Get()
  @Header('content-type', Metrics.contentType)
  @Header('cache-control', 'no-store')
  read(): Promise<string> {
    return this.metrics.text();
  }
}
