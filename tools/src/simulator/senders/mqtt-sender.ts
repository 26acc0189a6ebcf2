import { SensorFrame } from '@earshot/contracts';
import { connectAsync, type MqttClient } from 'mqtt';
import { backoff, NotLetIn, type Sender, type SensorIdentity, type Sent } from './sender.js';

interface Waiting {
  readonly sequence: number;
  readonly payload: Buffer;
  readonly resolve: (sent: Sent) => void;
}

/** CONNACK return codes: bad user name or password, not authorised. */
const BAD_CREDENTIALS = [4, 5];

const isBadCredentials = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && BAD_CREDENTIALS.includes(error.code as number);

/**
 * MQTT 3.1.1, QoS 1. When the connection is lost, a new one is made on which every frame without PUBACK is published again
 * in order. (mqtt.js can do that by itself, but gives up on publications when a connection is lost while it does so.)
 * A frame that ingestion can't use is acknowledged too, and told of on the errors topic: those count as refused.
 */
class MqttSender implements Sender {
  readonly window = 8;
  private readonly stopping = new AbortController();
  private readonly waiting = new Set<Waiting>();
  private readonly refused = new Set<number>();
  private client: MqttClient | undefined;

  constructor(
    private readonly url: string,
    private readonly identity: SensorIdentity,
  ) {}

  async open(): Promise<void> {
    await this.connect();
  }

  send(frame: SensorFrame): Promise<Sent> {
    return new Promise((resolve) => {
      const payload = Buffer.from(SensorFrame.encode(frame).finish());
      const waiting: Waiting = { sequence: frame.sequence, payload, resolve };
      this.waiting.add(waiting);
      this.publish(waiting);
    });
  }

  async close(): Promise<void> {
    this.stopping.abort();
    await this.client?.endAsync(true);
  }

  /** Tries until it works; rejects with `NotLetIn`, or when the sender was closed. */
  private async connect(): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      try {
        await this.connectOnce();
        return;
      } catch (error) {
        if (isBadCredentials(error)) throw new NotLetIn(`MQTT: the key of ${this.identity.sensorId} is not taken`);
        await backoff(Math.min(attempt, 4), this.stopping.signal);
      }
    }
  }

  private async connectOnce(): Promise<void> {
    const { tenantId, sensorId, key } = this.identity;
    const name = `${tenantId}/${sensorId}`;
    const client = await connectAsync(
      this.url,
      {
        protocolVersion: 4,
        clientId: name,
        username: name,
        password: key,
        clean: true,
        keepalive: 20,
        connectTimeout: 10_000,
        reconnectPeriod: 0,
      },
      false,
    );
    client.on('error', () => undefined); // 'close' follows
    client.on('message', (_topic, payload) => this.told(payload));
    await client.subscribeAsync(this.topic('errors'), { qos: 1 });
    if (!client.connected) throw new Error('MQTT: the connection was lost at once');
    client.once('close', () => this.lost(client));
    this.client = client;
    for (const waiting of this.waiting) this.publish(waiting);
  }

  private publish(waiting: Waiting): void {
    const { client } = this;
    if (client?.connected !== true) return;
    client.publish(this.topic('frames'), waiting.payload, { qos: 1 }, (error) => {
      if (!error) this.acknowledged(waiting);
    });
  }

  private acknowledged(waiting: Waiting): void {
    this.waiting.delete(waiting);
    waiting.resolve(this.refused.has(waiting.sequence) ? 'refused' : 'acknowledged');
  }

  private told(payload: Buffer): void {
    const report: unknown = JSON.parse(payload.toString('utf8'));
    if (typeof report === 'object' && report !== null && 'sequence' in report && typeof report.sequence === 'number')
      this.refused.add(report.sequence);
  }

  private lost(client: MqttClient): void {
    this.client = undefined;
    client.end(true);
    if (this.stopping.signal.aborted) return;
    const again = (): Promise<void> => backoff(0, this.stopping.signal).then(() => this.connect());
    // A key that is no longer taken may be a registry that is not read yet; closing ends it.
    const insist = (error: unknown): Promise<void> | undefined =>
      error instanceof NotLetIn ? again().catch(insist) : undefined;
    again().catch(insist);
  }

  private topic(leaf: 'frames' | 'errors'): string {
    return `earshot/${this.identity.tenantId}/${this.identity.sensorId}/${leaf}`;
  }
}

export const createMqttSender = (url: string, identity: SensorIdentity): Sender => new MqttSender(url, identity);
