import { Controller, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { serve, type Reply, type Request } from './answer.js';
import { HTTP_DOOR, type HttpDoor } from './door.js';

/** POST /v1/sensors/{id}/levels: a levels file (CSV) of a sensor that measures levels itself. */
@Controller('v1/sensors')
export class LevelsController {
  constructor(@Inject(HTTP_DOOR) private readonly door: HttpDoor) {}

  @Post(':id/levels')
  async post(@Param('id') sensorId: string, @Req() { raw }: Request, @Res() reply: Reply): Promise<void> {
    await serve(this.door, raw, reply, sensorId, () => (sensor, body) => this.door.takeLevels({ sensor, body }));
  }
}
