import { Controller, Get } from '@nestjs/common';
import { openApiDocument } from './openapi-document';

/** The document that describes a consumer's API to people and to tools. */
@Controller('v1')
export class DocumentsController {
  @Get('openapi.json')
  openapi(): object {
    return openApiDocument;
  }
}
