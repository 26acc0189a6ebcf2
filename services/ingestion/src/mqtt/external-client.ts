import { hostname } from 'node:os';
import type { ServicePart } from '@earshot/nest/service';
import type { Logger } from '@earshot/platform/telemetry';
import { connectAsync, type IPublishPacket, type MqttClient } from 'mqtt';
import type { SensorDirectory } from '../access/sensors.js';
import type { IngestionMetrics } from '../metrics.js';
import type { FrameAcceptor } from '../pipeline.js';
import { isTemporary, type Refusal, type Verdict } from '../refusal.js';
import { errorReport } from './error-report.js';
import { errorsTopic, sensorOfFramesTopic } from './topics.js';

/**
 * Reads from an external MQTT broker: a shared subscription, so that several instances share the sensors. The broker
 * vouches for its clients (it must let each sensor publish on its own topic only). PUBACK goes to the broker after
 * Kafka's acknowledgement; the session is persistent, so what was not acknowledged comes again.
 */
export interface ExternalMqttOptions {
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
  /** Empty: a subscription of one's own. */
  readonly shareGroup: string;
  /** mqtt.js gives one message at a time per connection: this many wait for Kafka together. */
  readonly connections: number;
  readonly acceptor: FrameAcceptor;
  readonly directory: SensorDirectory;
  readonly metrics: IngestionMetrics;
  readonly logger: Logger;
}

const FILTER = 'earshot/+/+/frames';
const RETRY_MS = 1_000;

export const createExternalMqtt = (options: ExternalMqttOptions): ServicePart => {
  const { acceptor, directory, metrics, logger } = options;
  const clients: MqttClient[] = [];
  let stopping = false;
  const isConnected = (): boolean => clients.length > 0 && clients.every((client) => client.connected);

  const take = async (topic: string, payload: Uint8Array): Promise<{ refusal: Verdict; errors?: string }> => {
    const ref = sensorOfFramesTopic(topic);
    if (ref === undefined) return { refusal: null };
    const sensor = await directory.find(ref);
    if ('code' in sensor) {
      metrics.refusals.inc({ protocol: 'mqtt', code: sensor.code });
      return { refusal: sensor, errors: errorsTopic(ref) };
    }
    const verdict = await acceptor.acceptFrame({ sensor, encoded: payload, protocol: 'mqtt' });
    return { refusal: verdict, errors: errorsTopic(ref) };
  };

  const handle = async (client: MqttClient, packet: IPublishPacket): Promise<void> => {
    const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload;
    for (;;) {
      const { refusal, errors } = await take(packet.topic, payload);
      if (refusal === null) return;
      if (!isTemporary(refusal)) {
        if (errors !== undefined) report(client, errors, refusal, payload);
        return;
      }
      if (stopping) throw new Error(refusal.message);
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS * (0.5 + Math.random())));
    }
  };

  const report = (client: MqttClient, topic: string, refusal: Refusal, payload: Uint8Array): void => {
    client.publish(topic, errorReport(refusal, payload), { qos: 1 });
  };

  const open = async (index: number): Promise<void> => {
    const client = await connectAsync(options.url, {
      protocolVersion: 4,
      clientId: `earshot-ingestion-${hostname()}-${index}`,
      clean: false,
      resubscribe: true,
      reconnectPeriod: 1_000,
      ...(options.username === undefined ? {} : { username: options.username }),
      ...(options.password === undefined ? {} : { password: options.password }),
    });
    client.on('error', (error) => logger.warn({ err: error }, 'The MQTT broker reported an error'));
    client.handleMessage = (packet, done) => {
      // Without `done` there is no PUBACK: the broker's session keeps the frame.
      handle(client, packet).then(
        () => done(),
        (error: unknown) => logger.warn({ err: error }, 'A frame was left with the MQTT broker'),
      );
    };
    clients.push(client);
    const filter = options.shareGroup === '' ? FILTER : `$share/${options.shareGroup}/${FILTER}`;
    await client.subscribeAsync(filter, { qos: 1 });
  };

  return {
    name: 'mqtt',
    start: async () => {
      for (let index = 0; index < options.connections; index++) await open(index);
      logger.info({ connections: options.connections }, 'Reading from the external MQTT broker');
    },
    stop: async () => {
      stopping = true;
      await Promise.allSettled(clients.map((client) => client.endAsync()));
    },
    ready: () => isConnected() || 'the MQTT broker (MQTT_URL) is not connected',
  };
};
