import { Controller, Inject, Req, Res } from '@nestjs/common';
import type { FleetServiceClient } from '@earshot/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';

import type { ApiConfig } from '../config.js';
import { endpoints } from '../endpoints.js';
import type { InputOf } from '../http/endpoint.js';
import { Input, Serves } from '../http/serves.js';
import { ApiError } from '../http/errors.js';
import { isStream } from '../http/body.js';
import { passToIngestion } from '../peers/ingestion.js';
import { call } from '../peers/call.js';
import { present, sensorJson, sensorToCreate, sensorToUpdate, statusOfSensor } from '../peers/registry-json.js';
import type { SensorJson } from '../schemas/registry.js';
import { FLEET, SETTINGS } from '../tokens.js';

/** Sensors, by fleet; their sound, by ingestion. */
@Controller('v1')
export class SensorsController {
  constructor(
    @Inject(FLEET) private readonly fleet: FleetServiceClient,
    @Inject(SETTINGS) private readonly settings: ApiConfig,
  ) {}

  @Serves(endpoints.listSensors)
  async list(@Input() { tenantId, query }: InputOf<typeof endpoints.listSensors>) {
    const { statuses, nextCursor } = await call(this.fleet, 'listSensors', {
      tenantId,
      limit: query.limit,
      cursor: query.cursor ?? '',
      includeRetired: query.includeRetired,
    });
    return { items: statuses.map(sensorJson), nextCursor: nextCursor === '' ? null : nextCursor };
  }

  @Serves(endpoints.createSensor)
  async create(@Input() { tenantId, body }: InputOf<typeof endpoints.createSensor>) {
    const answer = await call(this.fleet, 'createSensor', {
      sensor: sensorToCreate(tenantId, body),
      sensorKey: body.sensorKey ?? '',
    });
    return { sensor: sensorJson(statusOfSensor(present(answer.sensor, 'sensor'))), sensorKey: answer.sensorKey };
  }

  @Serves(endpoints.getSensor)
  async get(@Input() { tenantId, parameters }: InputOf<typeof endpoints.getSensor>): Promise<SensorJson> {
    return this.read(tenantId, parameters.id);
  }

  @Serves(endpoints.updateSensor)
  async update(@Input() { tenantId, parameters, body }: InputOf<typeof endpoints.updateSensor>): Promise<SensorJson> {
    const change = sensorToUpdate(tenantId, parameters.id, body);
    if (change.fields.length > 0) await call(this.fleet, 'updateSensor', change);
    return this.read(tenantId, parameters.id);
  }

  @Serves(endpoints.retireSensor)
  async retire(@Input() { tenantId, parameters }: InputOf<typeof endpoints.retireSensor>): Promise<SensorJson> {
    await call(this.fleet, 'retireSensor', { tenantId, sensorId: parameters.id });
    return this.read(tenantId, parameters.id);
  }

  @Serves(endpoints.rotateSensorKey)
  async rotateKey(@Input() { tenantId, parameters }: InputOf<typeof endpoints.rotateSensorKey>) {
    const answer = await call(this.fleet, 'rotateSensorKey', { tenantId, sensorId: parameters.id });
    return { sensorKey: answer.sensorKey };
  }

  @Serves(endpoints.sendAudio)
  async sendAudio(
    @Input() { parameters }: InputOf<typeof endpoints.sendAudio>,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const expected = 'a WAV, FLAC or Ogg file with Content-Type audio/… or application/octet-stream';
    await this.passOn([parameters.id, 'audio'], expected, request, reply);
  }

  @Serves(endpoints.sendLevels)
  async sendLevels(
    @Input() { parameters }: InputOf<typeof endpoints.sendLevels>,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.passOn([parameters.id, 'levels'], 'a levels file with Content-Type text/csv', request, reply);
  }

  /** To ingestion, at the same place under `sensors/`. */
  private async passOn(
    path: readonly string[],
    expected: string,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<void> {
    if (request.body != null && !isStream(request.body))
      throw new ApiError('unsupported_media_type', `expected ${expected}`);
    reply.hijack();
    const { search } = new URL(request.url, 'http://localhost');
    const target = `/v1/sensors/${path.map(encodeURIComponent).join('/')}${search}`;
    await passToIngestion(this.settings.INGESTION_URL, target, request.raw, reply.raw);
  }

  private async read(tenantId: string, sensorId: string): Promise<SensorJson> {
    const { status } = await call(this.fleet, 'getSensor', { tenantId, sensorId });
    return sensorJson(present(status, 'status'));
  }
}
