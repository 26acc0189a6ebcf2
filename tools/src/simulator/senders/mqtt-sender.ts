import { SensorFrame } from '@earshot/contracts';
import { connectAsync, type MqttClient } from 'mqtt';
import { backoff, NotLetIn, type Sender, type SensorIdentity, type Sent } from './sender.js';

const BAD_CREDENTIALS = new Set([4, 5]);
const codeOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;

/**
 * MQTT 3.1.1, QoS 1. The client library keeps what was not acknowledged and sends it again when it has reconnected. A
 * frame that ingestion can't use is acknowledged too, and told of on the errors topic: those count as refused.
 */
export const createMqttSender = (url: string, { tenantId, sensorId, key }: SensorIdentity): Sender => {
  const topic = (leaf: string): string => `earshot/${tenantId}/${sensorId}/${leaf}`;
  const stopping = new AbortController();
  const refused = new Set<number>();
  let client: MqttClient | undefined;

  const connect = async (): Promise<MqttClient> => {
    for (let attempt = 0; ; attempt++) {
      try {
        return await connectAsync(
          url,
          {
            protocolVersion: 4,
            clientId: `${tenantId}/${sensorId}`,
            username: `${tenantId}/${sensorId}`,
            password: key,
            clean: true,
            keepalive: 20,
            connectTimeout: 10_000,
            // A constant of its own per sensor spreads the reconnects.
            reconnectPeriod: 500 + Math.round(Math.random() * 1_500),
          },
          false,
        );
      } catch (error) {
        if (BAD_CREDENTIALS.has(codeOf(error) as number))
          throw new NotLetIn(`MQTT: the key of ${sensorId} is not taken`);
        await backoff(attempt, stopping.signal);
      }
    }
  };

  const listen = async (connected: MqttClient): Promise<void> => {
    connected.on('error', () => undefined); // it reconnects by itself
    connected.on('message', (_topic, payload) => {
      const report: unknown = JSON.parse(payload.toString('utf8'));
      if (typeof report === 'object' && report !== null && 'sequence' in report && typeof report.sequence === 'number')
        refused.add(report.sequence);
    });
    await connected.subscribeAsync(topic('errors'), { qos: 1 });
  };

  return {
    window: 8,
    open: async () => {
      client = await connect();
      await listen(client);
    },
    send: async (frame): Promise<Sent> => {
      await client?.publishAsync(topic('frames'), Buffer.from(SensorFrame.encode(frame).finish()), { qos: 1 });
      return refused.has(frame.sequence) ? 'refused' : 'acknowledged';
    },
    close: async () => {
      stopping.abort();
      await client?.endAsync(true);
    },
  };
};
