import { Controller, Inject } from '@nestjs/common';
import type { FleetServiceClient } from '@earshot/contracts';

import { endpoints } from '../endpoints.js';
import type { InputOf } from '../http/endpoint.js';
import { Input, Serves } from '../http/serves.js';
import { calibrationsJson, calibrationToAdd } from '../peers/calibration-json.js';
import { call } from '../peers/call.js';
import { present } from '../peers/registry-json.js';
import { isoOf } from '../query/time.js';
import type { CalibrationJson } from '../schemas/calibrations.js';
import { FLEET } from '../tokens.js';

const nowUs = (): number => Date.now() * 1000;

/** The ledger of a sensor's calibrations, by fleet. */
@Controller('v1')
export class CalibrationsController {
  constructor(@Inject(FLEET) private readonly fleet: FleetServiceClient) {}

  @Serves(endpoints.listCalibrations)
  async list(@Input() { tenantId, parameters }: InputOf<typeof endpoints.listCalibrations>) {
    return { items: await this.ledger(tenantId, parameters.id), nextCursor: null };
  }

  @Serves(endpoints.addCalibration)
  async add(@Input() { tenantId, parameters, body }: InputOf<typeof endpoints.addCalibration>) {
    const calibration = calibrationToAdd(tenantId, parameters.id, body, nowUs());
    const added = await call(this.fleet, 'addCalibration', { tenantId, sensorId: parameters.id, calibration });
    const { version } = present(added.calibration, 'calibration');
    const items = await this.ledger(tenantId, parameters.id);
    return present(
      items.find((one) => one.version === version),
      'calibration in the ledger',
    );
  }

  @Serves(endpoints.armCalibration)
  async arm(@Input() { tenantId, parameters, body }: InputOf<typeof endpoints.armCalibration>) {
    const { armedUntilUs } = await call(this.fleet, 'armCalibration', { tenantId, sensorId: parameters.id, ...body });
    return { armedUntil: isoOf(armedUntilUs) };
  }

  private async ledger(tenantId: string, sensorId: string): Promise<CalibrationJson[]> {
    const { calibrations } = await call(this.fleet, 'listCalibrations', { tenantId, sensorId });
    return calibrationsJson(calibrations, nowUs());
  }
}
