import {
  Alert,
  Anomaly,
  Classification,
  LogMelFrame,
  sensorKey,
  SoundEvent,
  SoundLevels,
  topicName,
  type FleetServiceClient,
  type TopicId,
} from '@earshot/contracts';
import type { ServicePart } from '@earshot/nest/service';
import type { ClickHouse } from '@earshot/platform/clickhouse';
import {
  retryForever,
  tailTopics,
  type IncomingRecord,
  type Kafka,
  type RecordConsumer,
} from '@earshot/platform/kafka';
import { Counter, Gauge, type Logger, type Registry } from '@earshot/platform/telemetry';

import type { LiveTopic } from '../endpoints.js';
import type { LiveLevelJson, SnapshotJson } from '../schemas/sound.js';
import { seedLiveState } from '../store/recent.js';
import { sseMessage, type ClientQueue } from './client-queue.js';
import { LiveState } from './live-state.js';
import {
  alertOf,
  anomalyOf,
  classificationOf,
  eventOf,
  liveLevelOf,
  machineOf,
  spectrogramOf,
  thirdOctavesOf,
} from './messages.js';
import { SensorWatch } from './sensor-watch.js';

/** Who listens, to what. */
export interface LiveClient {
  readonly tenantId: string;
  readonly sensorId: string | undefined;
  readonly topics: ReadonlySet<LiveTopic>;
  readonly queue: ClientQueue;
}

export interface LiveHubDeps {
  readonly kafka: Kafka;
  readonly namespace: string;
  readonly clickhouse: ClickHouse;
  readonly fleet: FleetServiceClient;
  readonly logger: Logger;
  readonly registry: Registry;
  readonly now?: () => number;
}

const LEVELS_EVERY_MS = 250;

/** The picture of a second's sound and, of a machine, its long spectra. */
const featureMessages = (frame: LogMelFrame): readonly string[] => {
  const machine = machineOf(frame);
  const picture = sseMessage('spectrogram', spectrogramOf(frame));
  return machine === null ? [picture] : [picture, sseMessage('machine', machine)];
};

/** Reads the newest records of all partitions and hands them to the clients of their tenants. Keeps the last state per sensor. */
export class LiveHub implements ServicePart {
  readonly name = 'live feed';
  private readonly clients = new Set<LiveClient>();
  private readonly states = new Map<string, LiveState>();
  private readonly seeds = new Map<string, Promise<void>>();
  private readonly watches = new Map<string, SensorWatch>();
  private readonly pendingLevels = new Map<string, SoundLevels[]>();
  private readonly handlers: ReadonlyMap<string, (record: IncomingRecord, value: Uint8Array) => void>;
  private readonly now: () => number;
  private readonly undecodable: Counter;
  private tail: RecordConsumer | undefined;
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(private readonly deps: LiveHubDeps) {
    this.now = deps.now ?? Date.now;
    const on = (id: TopicId, handle: (record: IncomingRecord, value: Uint8Array) => void) =>
      [topicName(id, deps.namespace), handle] as const;
    this.handlers = new Map([
      on('levels', (_, value) => this.onLevels(SoundLevels.decode(value))),
      on('classifications', (_, value) => this.onClassification(Classification.decode(value))),
      on('events', (_, value) => this.onEvent(SoundEvent.decode(value))),
      on('anomalies', (_, value) => this.onAnomaly(Anomaly.decode(value))),
      on('alerts', (_, value) => this.onAlert(Alert.decode(value))),
      on('features', (record, value) => this.onFeatures(record.key, value)),
    ]);
    const registers = [deps.registry];
    this.undecodable = new Counter({
      name: 'earshot_api_live_undecodable_total',
      help: 'Records that could not be shown',
      registers,
    });
    const { clients } = this;
    new Gauge({
      name: 'earshot_api_live_clients',
      help: 'Live feeds that are open',
      registers,
      collect() {
        this.set(clients.size);
      },
    });
  }

  start(): Promise<void> {
    this.timer = setInterval(() => this.flushLevels(), LEVELS_EVERY_MS);
    void retryForever(
      'Live feed',
      this.deps.logger,
      () => this.stopped,
      async () => {
        this.tail = await tailTopics(this.deps.kafka, {
          topics: [...this.handlers.keys()],
          onRecord: (record) => this.onRecord(record),
          logger: this.deps.logger,
        });
      },
    );
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    for (const watch of this.watches.values()) watch.close();
    await this.tail?.stop();
  }

  ready(): boolean | string {
    return this.tail !== undefined || 'waiting for Kafka';
  }

  countOf(keyOwner: (client: LiveClient) => boolean): number {
    return [...this.clients].filter(keyOwner).length;
  }

  /** From now on the client gets its messages. Returns how to leave. */
  join(client: LiveClient): () => void {
    this.clients.add(client);
    const leaveWatch = client.topics.has('sensors')
      ? this.watchOf(client.tenantId).listen((sensor) => {
          if (client.sensorId === undefined || client.sensorId === sensor.id)
            client.queue.push(sseMessage('sensor', sensor));
        })
      : () => undefined;
    return () => {
      this.clients.delete(client);
      leaveWatch();
    };
  }

  async snapshot(tenantId: string, sensorId: string | undefined): Promise<SnapshotJson> {
    let seed = this.seeds.get(tenantId);
    if (seed === undefined) {
      seed = seedLiveState(this.deps.clickhouse, tenantId, this.stateOf(tenantId));
      this.seeds.set(tenantId, seed);
      // A store that does not answer now is asked again by the next page.
      seed.catch(() => this.seeds.delete(tenantId));
    }
    await seed;
    return this.stateOf(tenantId).snapshot(this.now(), sensorId);
  }

  /** Public for tests: one record of the tail. */
  onRecord(record: IncomingRecord): void {
    if (record.value === null) return;
    try {
      this.handlers.get(record.topic)?.(record, record.value);
    } catch {
      this.undecodable.inc();
    }
  }

  /** Sends the levels that came since the last time, all sensors of a tenant in one message. */
  flushLevels(): void {
    for (const [tenantId, levels] of this.pendingLevels) {
      const items: readonly LiveLevelJson[] = levels.map(liveLevelOf);
      let forAll: string | undefined;
      for (const client of this.listeners(tenantId, 'levels')) {
        if (client.sensorId === undefined) {
          forAll ??= sseMessage('levels', { items });
          client.queue.push(forAll);
          continue;
        }
        const own = levels.flatMap((level, index) => {
          const item = items[index];
          return item === undefined || level.sensorId !== client.sensorId
            ? []
            : [{ ...item, thirdOctaveDb: thirdOctavesOf(level) }];
        });
        if (own.length > 0) client.queue.push(sseMessage('levels', { items: own }));
      }
    }
    this.pendingLevels.clear();
  }

  private onLevels(levels: SoundLevels): void {
    const pending = this.pendingLevels.get(levels.tenantId) ?? [];
    this.pendingLevels.set(levels.tenantId, pending);
    pending.push(levels);
    this.stateOf(levels.tenantId).level(liveLevelOf(levels));
  }

  private onClassification(value: Classification): void {
    const json = classificationOf(value);
    this.stateOf(value.tenantId).classification(json);
    this.tell(value, 'classifications', 'classification', json);
  }

  private onEvent(event: SoundEvent): void {
    const json = eventOf(event);
    if (json === undefined) return;
    this.stateOf(event.tenantId).event(json);
    this.tell(event, 'events', 'event', json);
  }

  private onAnomaly(anomaly: Anomaly): void {
    const json = anomalyOf(anomaly);
    if (json === undefined) return;
    this.stateOf(anomaly.tenantId).anomaly(json);
    this.tell(anomaly, 'anomalies', 'anomaly', json);
  }

  private onAlert(alert: Alert): void {
    const json = alertOf(alert);
    if (json === undefined) return;
    this.stateOf(alert.tenantId).alert(json);
    this.tell(alert, 'alerts', 'alert', json);
  }

  /** Frames are large: they are decoded only for somebody who looks at that sensor. */
  private onFeatures(key: string, value: Uint8Array): void {
    let messages: readonly string[] | undefined;
    for (const client of this.clients) {
      if (!client.topics.has('features') || client.sensorId === undefined) continue;
      if (sensorKey(client.tenantId, client.sensorId) !== key) continue;
      messages ??= featureMessages(LogMelFrame.decode(value));
      for (const message of messages) client.queue.push(message);
    }
  }

  private tell(origin: { tenantId: string; sensorId: string }, topic: LiveTopic, event: string, json: unknown): void {
    let message: string | undefined;
    for (const client of this.listeners(origin.tenantId, topic)) {
      if (client.sensorId !== undefined && client.sensorId !== origin.sensorId) continue;
      message ??= sseMessage(event, json);
      client.queue.push(message);
    }
  }

  private *listeners(tenantId: string, topic: LiveTopic): Iterable<LiveClient> {
    for (const client of this.clients) {
      if (client.tenantId === tenantId && client.topics.has(topic)) yield client;
    }
  }

  private stateOf(tenantId: string): LiveState {
    let state = this.states.get(tenantId);
    if (state === undefined) this.states.set(tenantId, (state = new LiveState()));
    return state;
  }

  private watchOf(tenantId: string): SensorWatch {
    let watch = this.watches.get(tenantId);
    if (watch === undefined) this.watches.set(tenantId, (watch = new SensorWatch(this.deps.fleet, tenantId, this.now)));
    return watch;
  }
}
