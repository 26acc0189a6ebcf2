import { Model, sensorKey, Sensor, type ModelRoles, topicName, type FleetServiceClient } from '@earshot/contracts';
import type { ServicePart } from '@earshot/nest/service';
import { GrpcError, grpcStatus } from '@earshot/platform/grpc';
import { createTopicView, type Kafka, type TopicView } from '@earshot/platform/kafka';
import { decodePicture, orderedPictures, type StoredPicture } from '@earshot/platform/records';
import type { Logger } from '@earshot/platform/telemetry';

import { ApiError } from '../http/errors.js';
import { call } from './call.js';

/** Key prefix of models that all tenants share. */
const SHARED = '_';

export interface KnownThings {
  /** @throws ApiError not_found when the tenant has no such sensor. */
  assertSensor(tenantId: string, sensorId: string): Promise<void>;
  models(tenantId: string): readonly Model[];
  /** The ledger of roles, oldest first. */
  roles(): readonly ModelRoles[];
}

/** Sensors and models as their topics say. */
export class RegistryView implements ServicePart, KnownThings {
  readonly name = 'registry view';
  private sensorView: TopicView<Sensor> | undefined;
  private modelView: TopicView<Model> | undefined;
  private roleView: TopicView<StoredPicture> | undefined;

  constructor(
    private readonly kafka: Kafka,
    private readonly namespace: string,
    private readonly fleet: FleetServiceClient,
    private readonly logger: Logger,
  ) {}

  async start(): Promise<void> {
    const { kafka, namespace, logger } = this;
    this.sensorView = await createTopicView(kafka, {
      topic: topicName('sensors', namespace),
      decode: (record) => (record.value === null ? null : Sensor.decode(record.value)),
      logger,
    });
    this.modelView = await createTopicView(kafka, {
      topic: topicName('models', namespace),
      decode: (record) => (record.value === null ? null : Model.decode(record.value)),
      logger,
    });
    this.roleView = await createTopicView(kafka, {
      topic: topicName('modelRoles', namespace),
      decode: decodePicture,
      logger,
    });
  }

  async stop(): Promise<void> {
    await Promise.all([this.sensorView?.stop(), this.modelView?.stop(), this.roleView?.stop()]);
  }

  ready(): boolean | string {
    const views = [this.sensorView, this.modelView, this.roleView];
    return views.every((view) => view?.isReady() === true) || 'reading the registry topics';
  }

  /** A sensor that is too new for the view is asked of fleet; while fleet is away, it is given the benefit of the doubt. */
  async assertSensor(tenantId: string, sensorId: string): Promise<void> {
    if (this.sensorView?.get(sensorKey(tenantId, sensorId)) !== undefined) return;
    try {
      await call(this.fleet, 'getSensor', { tenantId, sensorId }, { deadlineMs: 1_000 });
    } catch (error) {
      if (error instanceof GrpcError && error.code === grpcStatus.NOT_FOUND) {
        throw new ApiError('not_found', `sensor ${sensorId} is not registered`);
      }
    }
  }

  models(tenantId: string): readonly Model[] {
    return withoutOld([...(this.modelView?.entries() ?? [])])
      .filter((model) => model.tenantId === tenantId || model.tenantId === SHARED || model.tenantId === '')
      .sort((a, b) => a.modelId.localeCompare(b.modelId) || a.version.localeCompare(b.version));
  }

  roles(): readonly ModelRoles[] {
    return this.roleView === undefined ? [] : orderedPictures(this.roleView);
  }
}

/** Records under a key without a version are of the release before: what they name is retired, if it is not there anew. */
export const withoutOld = (entries: readonly (readonly [string, Model])[]): readonly Model[] => {
  const keyOf = ({ tenantId, modelId, version }: Model): string => `${tenantId}/${modelId}@${version}`;
  const known = new Set(entries.map(([key]) => key));
  return entries.flatMap(([key, model]) => {
    if (key === keyOf(model)) return [model];
    return known.has(keyOf(model)) ? [] : [{ ...model, role: 'retired' }];
  });
};
