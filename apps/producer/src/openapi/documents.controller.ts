import { Controller, Get, Inject } from '@nestjs/common';
import { asyncApiDocument } from '@millrace/documents';
import type { Settings } from '@millrace/service';
import type { configuration } from '../configuration';
import { SETTINGS } from '../events.controller';
import { WritePath } from '../write-path';
import { openApiDocument } from './openapi-document';

/** Of the HTTP API: its paths begin with it. */
const API_VERSION = '1.0.0';

/** The documents that describe this instance to people and to tools. */
@Controller('v1')
export class DocumentsController {
  private readonly openApi: object;
  private readonly asyncApi: object;

  constructor(
    @Inject(WritePath) { catalogue }: WritePath,
    @Inject(SETTINGS) settings: Settings<typeof configuration>,
  ) {
    this.openApi = openApiDocument(catalogue, settings, API_VERSION);
    this.asyncApi = asyncApiDocument(catalogue, { title: 'Millrace topics', version: API_VERSION });
  }

  /** OpenAPI 3.1 of the producer. */
  @Get('openapi.json')
  openapi(): object {
    return this.openApi;
  }

  /** AsyncAPI 3 of the topics. */
  @Get('asyncapi.json')
  asyncapi(): object {
    return this.asyncApi;
  }
}
