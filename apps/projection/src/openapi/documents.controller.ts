import { Controller, Get, Inject, Param } from '@nestjs/common';
import { ProjectionHost } from '../projection-host';
import { openApiDocument, projectionDocument } from './openapi-document';

/** The documents that describe the queries to people and to tools, in the versions that are live. */
@Controller('v1')
export class DocumentsController {
  constructor(@Inject(ProjectionHost) private readonly host: ProjectionHost) {}

  /** OpenAPI 3.1 of the service with all its projections. */
  @Get('openapi.json')
  openapi(): object {
    return openApiDocument(this.host.projections.map(({ projection }) => projection));
  }

  /** OpenAPI 3.1 of one projection. Not below the projection's own path, where it would take the place of a key. */
  @Get('openapi/:name')
  ofProjection(@Param('name') name: string): object {
    return projectionDocument(this.host.find(name).projection);
  }
}
