import { randomBytes } from 'node:crypto';
import type { SimulatorEndpoints } from './endpoints.js';
import type { SimulateOptions } from './options.js';
import type { Registration } from './registration.js';
import { createGrpcSender } from './senders/grpc-sender.js';
import { createHttpSender } from './senders/http-sender.js';
import { createMqttSender } from './senders/mqtt-sender.js';
import { NotLetIn, type Sender, type SensorIdentity } from './senders/sender.js';
import { createRandom } from './random.js';
import { createResend, runSensor, type Tally } from './sensor-run.js';
import { SoundStream } from './sound/clip.js';
import type { SoundChoice } from './sound/choose.js';
import type { TellTruth } from './truth.js';

export interface Simulation {
  readonly options: SimulateOptions;
  readonly endpoints: SimulatorEndpoints;
  readonly registration: Registration;
  readonly sound: SoundChoice;
  readonly truth: TellTruth;
  /** No more sound is recorded. */
  readonly stop: AbortSignal;
  /** What is not acknowledged by now never will be. */
  readonly giveUp: AbortSignal;
  readonly tallies: Tally[];
}

const REGISTERED_AT_ONCE = 8;
/** Time between the last registration and the first sample, so that all sensors start in step. */
const LEAD_MS = 300;

export const sensorIdOf = (prefix: string, index: number): string => `${prefix}-${String(index + 1).padStart(3, '0')}`;

/** Somewhere around a harbour: a grid of places about 300 m apart. */
const placeOf = (index: number) => ({
  site: 'Simulated',
  description: `simulated sensor ${index + 1}`,
  latitude: Math.round((53.54 + 0.003 * Math.floor(index / 6)) * 1e5) / 1e5,
  longitude: Math.round((9.98 + 0.0045 * (index % 6)) * 1e5) / 1e5,
});

const createSender = ({ options, endpoints }: Simulation, identity: SensorIdentity): Sender => {
  if (options.protocol === 'mqtt') return createMqttSender(endpoints.mqttUrl, identity);
  if (options.protocol === 'grpc') return createGrpcSender(endpoints.grpcAddress, identity);
  // The api takes API keys and hands the sound on.
  return createHttpSender(endpoints.apiUrl, { ...identity, key: endpoints.apiKey });
};

/** A key that was kept may be of a sensor that has another one by now: then it is renewed, once. */
const openSender = async (simulation: Simulation, index: number): Promise<Sender> => {
  const { options, registration, giveUp } = simulation;
  const sensorId = sensorIdOf(options.prefix, index);
  const open = async (key: string): Promise<Sender> => {
    const sender = createSender(simulation, { tenantId: options.tenant, sensorId, key });
    giveUp.addEventListener('abort', () => void sender.close());
    if (giveUp.aborted) await sender.close();
    await sender.open();
    return sender;
  };
  const key = await registration.ensure({
    id: sensorId,
    name: `${options.prefix} ${index + 1}`,
    placement: placeOf(index),
  });
  try {
    return await open(key);
  } catch (error) {
    if (!(error instanceof NotLetIn)) throw error;
    return open(await registration.rotate(sensorId));
  }
};

/** undefined: stopped before all were let in. */
const openAll = async (simulation: Simulation): Promise<Sender[] | undefined> => {
  const senders: Sender[] = [];
  const indexes = Array.from({ length: simulation.options.sensors }, (_, index) => index);
  for (let from = 0; from < indexes.length; from += REGISTERED_AT_ONCE) {
    const some = indexes.slice(from, from + REGISTERED_AT_ONCE);
    const opened = Promise.all(some.map((index) => openSender(simulation, index)));
    const ready = await Promise.race([opened, aborted(simulation.stop).then(() => undefined)]);
    if (ready === undefined) {
      opened.catch(() => undefined); // it ends with the closing of the senders
      return undefined;
    }
    senders.push(...ready);
  }
  return senders;
};

/** Registers the sensors, plays, and resolves once everything sent has its answer or `giveUp` was told. */
export const simulate = async (simulation: Simulation): Promise<void> => {
  const { options, sound, truth, stop, tallies } = simulation;
  const senders = await openAll(simulation);
  if (senders === undefined) return;
  const boot = options.boot ?? `sim-${randomBytes(6).toString('hex')}`;
  const startUs = (options.startMs ?? Date.now() + LEAD_MS) * 1000;
  const runs = senders.map(async (sender, index) => {
    const sensorId = sensorIdOf(options.prefix, index);
    const source = await sound.open(index);
    // Sensors are out of step by a share of a second each, so that their frames do not come all at once.
    const anchorTimeUs = startUs + Math.round((index / senders.length) * 1e6);
    const stream = new SoundStream(source, Math.round(options.gapS * source.sampleRateHz), (played) =>
      truth(sensorId, anchorTimeUs, source.sampleRateHz, played),
    );
    const tally: Tally = { sent: 0, acknowledged: 0, refused: 0 };
    tallies.push(tally);
    await runSensor({
      sender,
      sound: stream,
      bootId: `${boot}-${index + 1}`,
      anchorTimeUs,
      speed: options.rate,
      seconds: options.durationS,
      tally,
      resend: createResend(options.resend, createRandom(options.seed * 1000 + index)),
      signal: stop,
    });
  });
  try {
    await Promise.race([Promise.all(runs), aborted(simulation.giveUp)]);
  } finally {
    await Promise.allSettled(senders.map((sender) => sender.close()));
  }
};

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) =>
    signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true }),
  );
