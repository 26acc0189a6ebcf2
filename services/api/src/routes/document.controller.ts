import { Controller } from '@nestjs/common';

import { endpoints } from '../endpoints.js';
import { Serves } from '../http/serves.js';
import { openApiDocument } from '../openapi/document.js';

@Controller('v1')
export class DocumentController {
  private readonly document = openApiDocument();

  @Serves(endpoints.openApi)
  get() {
    return this.document;
  }
}
