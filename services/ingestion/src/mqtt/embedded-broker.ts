import { createServer, type Server, type Socket } from 'node:net';
import { ServicePartError } from '../part.js';
import type { ServicePart } from '@earshot/nest/service';
import type { Logger } from '@earshot/platform/telemetry';
import { Aedes, type AuthenticateError, type Client } from 'aedes';
import type { SensorDirectory, SensorSession } from '../access/sensors.js';
import { MAX_FRAME_BYTES } from '../frames/validate.js';
import type { IngestionMetrics } from '../metrics.js';
import type { FrameAcceptor } from '../pipeline.js';
import { isTemporary, type Refusal } from '../refusal.js';
import { errorReport } from './error-report.js';
import { guardSocket } from './packet-guard.js';
import { errorsTopic, framesTopic, sensorOfUsername } from './topics.js';

/**
 * MQTT 3.1.1 broker inside the process. A sensor logs in as `<tenant>/<sensor>` with its key, publishes on its own frames
 * topic and may listen to its own errors topic. PUBACK comes after Kafka's acknowledgement; a bad frame gets its PUBACK
 * too and is told of on the errors topic. Where sending again helps (Kafka is away) the connection is dropped without
 * PUBACK: a client sends again what was not acknowledged when it comes back.
 */
export interface EmbeddedBrokerOptions {
  readonly port: number;
  readonly host?: string;
  readonly acceptor: FrameAcceptor;
  readonly directory: SensorDirectory;
  readonly metrics: IngestionMetrics;
  readonly logger: Logger;
}

export interface EmbeddedBroker extends ServicePart {
  /** The port it listens on, once started. */
  readonly port: number;
}

/** Larger packets end the connection: they can't be read without holding them in memory. */
const MAX_PACKET_BYTES = 2 * MAX_FRAME_BYTES;
class ConnectRefused extends Error {
  override readonly name = 'ConnectRefused';
  /** CONNACK: bad user name or password. */
  readonly returnCode = 4;
}

export const createEmbeddedBroker = (options: EmbeddedBrokerOptions): EmbeddedBroker => {
  const { acceptor, directory, metrics, logger } = options;
  const sessions = new WeakMap<Client, SensorSession>();
  const sockets = new Set<Socket>();
  const underway = new Set<Promise<void>>();
  let broker: Aedes | undefined;
  let server: Server | undefined;
  let port = options.port;

  const report = (session: SensorSession, refusal: Refusal, payload: Uint8Array): void =>
    broker?.publish(
      {
        cmd: 'publish',
        topic: errorsTopic(session),
        payload: errorReport(refusal, payload),
        qos: 1,
        dup: false,
        retain: false,
      },
      () => undefined,
    );

  /** undefined: PUBACK. An error: the connection ends without one. */
  const takeFrame = async (session: SensorSession, payload: Uint8Array): Promise<Error | undefined> => {
    const fault = directory.sessionFault(session);
    if (fault !== null) {
      metrics.refusals.inc({ protocol: 'mqtt', code: fault.code });
      if (fault.code === 'wrong_key') return new Error(fault.message);
      report(session, fault, payload);
      return undefined;
    }
    const verdict = await acceptor.acceptFrame({ sensor: session, encoded: payload, protocol: 'mqtt' });
    if (verdict === null) return undefined;
    if (isTemporary(verdict)) return new Error(verdict.message);
    report(session, verdict, payload);
    return undefined;
  };

  const authenticate = async (username: string | undefined, password: Buffer | undefined): Promise<SensorSession> => {
    const ref = sensorOfUsername(username ?? '');
    if (ref === undefined || password === undefined)
      throw new ConnectRefused('user name is <tenant>/<sensor>, password the sensor key');
    const session = await directory.authenticate(ref, password.toString('utf8'));
    if ('code' in session) {
      metrics.refusals.inc({ protocol: 'mqtt', code: session.code });
      throw new ConnectRefused(session.message);
    }
    return session;
  };

  const createBroker = (): Promise<Aedes> =>
    Aedes.createBroker({
      // No last wills: they would be sound that nobody recorded.
      preConnect: (_client, packet, done) => {
        delete packet.will;
        done(null, true);
      },
      authenticate: (client, username, password, done) => {
        authenticate(username, password).then(
          (session) => {
            sessions.set(client, session);
            done(null, true);
          },
          (error: unknown) => done(error as AuthenticateError, false),
        );
      },
      authorizeSubscribe: (client, subscription, done) => {
        const session = sessions.get(client);
        done(null, session !== undefined && subscription.topic === errorsTopic(session) ? subscription : null);
      },
      authorizePublish: (client, packet, done) => {
        const session = client === null ? undefined : sessions.get(client);
        if (session === undefined || packet.topic !== framesTopic(session)) {
          done(new Error(`only ${session === undefined ? 'sensors' : framesTopic(session)} may publish`));
          return;
        }
        packet.retain = false;
        const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload;
        const work = takeFrame(session, payload).then(
          (error) => done(error),
          (error: unknown) => {
            logger.error({ err: error }, 'A frame failed');
            done(error instanceof Error ? error : new Error(String(error)));
          },
        );
        underway.add(work);
        void work.finally(() => underway.delete(work));
      },
    });

  const onConnection = (socket: Socket): void => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('close', () => sockets.delete(socket));
    guardSocket(socket, MAX_PACKET_BYTES, () => metrics.refusals.inc({ protocol: 'mqtt', code: 'oversize' }));
    broker?.handle(socket);
  };

  return {
    name: 'mqtt',
    get port() {
      return port;
    },
    start: async () => {
      broker = await createBroker();
      broker.on('clientError', (_client, error) => logger.debug({ err: error }, 'An MQTT client was dropped'));
      broker.on('connectionError', (_client, error) => logger.debug({ err: error }, 'An MQTT connection was dropped'));
      server = createServer(onConnection);
      port = await listen(server, options.port, options.host ?? '0.0.0.0');
      logger.info({ port }, 'MQTT broker is listening');
    },
    stop: async () => {
      const closed = new Promise<void>((resolve) => (server === undefined ? resolve() : server.close(() => resolve())));
      // No new frames are read; those in hand get their PUBACK first.
      for (const socket of sockets) socket.pause();
      await Promise.allSettled(underway);
      await new Promise<void>((resolve) => setImmediate(resolve));
      for (const socket of sockets) socket.destroySoon();
      await new Promise<void>((resolve) => (broker === undefined ? resolve() : broker.close(() => resolve())));
      await closed;
    },
  };
};

const listen = (server: Server, port: number, host: string): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', (error) => reject(new ServicePartError('MQTT_PORT', port, error)));
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
