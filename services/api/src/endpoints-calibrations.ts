import { z } from 'zod';

import type { Endpoint } from './http/endpoint.js';
import { sensorId } from './query/parameters.js';
import { armCalibration, armed, calibration, newCalibration } from './schemas/calibrations.js';
import { page } from './schemas/parts.js';

const none = z.strictObject({});
const withId = z.object({ id: sensorId });

/** The ledger of a sensor. */
export const calibrationEndpoints = {
  listCalibrations: {
    method: 'GET',
    path: 'sensors/:id/calibrations',
    summary: 'Every calibration of a sensor, highest version first',
    tag: 'Sensors',
    access: 'read',
    parameters: withId,
    query: none,
    status: 200,
    response: page(calibration),
    failures: [404],
  },
  addCalibration: {
    method: 'POST',
    path: 'sensors/:id/calibrations',
    summary: 'Add a calibration, also one that reaches into the past: stored levels follow',
    tag: 'Sensors',
    access: 'write',
    parameters: withId,
    query: none,
    body: newCalibration,
    status: 201,
    response: calibration,
    failures: [404, 409],
  },
  armCalibration: {
    method: 'POST',
    path: 'sensors/:id/calibrations/arm',
    summary: "Listen for a calibrator's 1 kHz tone from now on",
    tag: 'Sensors',
    access: 'write',
    parameters: withId,
    query: none,
    body: armCalibration,
    status: 202,
    response: armed,
    failures: [404, 409],
  },
} as const satisfies Record<string, Endpoint>;
