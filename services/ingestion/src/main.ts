import { loadConfig } from '@earshot/nest/config';
import { runService } from '@earshot/nest/service';
import { ingestionConfig } from './config.js';
import { createDoors, type Doors } from './doors.js';
import { AudioModule } from './http/audio.module.js';

const config = loadConfig(ingestionConfig, process.env);
let doors: Doors | undefined;

await runService({
  name: 'ingestion',
  config,
  httpPort: config.HTTP_PORT,
  parts: async (context) => {
    doors = await createDoors(context, config);
    return doors.parts;
  },
  module: () => {
    if (doors === undefined) throw new Error('The HTTP door is made after the others');
    return AudioModule.of(doors.http);
  },
});
