import { ClockQuality, PcmFormat, type SensorFrame } from '@earshot/contracts';
import { encodePcm } from '@earshot/platform/audio';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { createGrpcSender } from '../../simulator/senders/grpc-sender.js';
import { createMqttSender } from '../../simulator/senders/mqtt-sender.js';
import type { Sender } from '../../simulator/senders/sender.js';
import { chooseSound } from '../../simulator/sound/choose.js';
import { SoundStream } from '../../simulator/sound/clip.js';
import { resample } from '../../simulator/sound/resample.js';
import { loadOrder, loadPlan, type LoadAnswer, type LoadOrder, type LoadPlan } from './protocol.js';

/**
 * The load: many sensors that play the same few pieces of sound, encoded before the start, each from another place, so that
 * the generator itself costs little. Reads a plan, then orders, as lines of JSON; answers a line each.
 */

/** What is loud: a tone of 1 kHz at full scale, whose LAeq no recording reaches for a second. */
const toneOf = (rateHz: number): Buffer =>
  pcmOf(Float32Array.from({ length: rateHz }, (_, i) => 0.99 * Math.sin((2 * Math.PI * 1000 * i) / rateHz)));

/** Pieces of sound, and how long they are. */
const PIECES = 24;
const PIECE_S = 60;
const CONNECTED_AT_ONCE = 32;

type Piece = readonly Buffer[];

const pcmOf = (samples: Float32Array): Buffer => Buffer.from(encodePcm(samples, 's16le').buffer);

const makePieces = async (plan: LoadPlan): Promise<{ readonly pieces: readonly Piece[]; readonly sound: string }> => {
  const choice = chooseSound({
    source: 'auto',
    sensors: 1,
    seed: plan.seed,
    sampleRateHz: plan.sampleRateHz,
    folds: [],
    recordingsFolder: plan.recordingsFolder,
    warn: () => undefined,
  });
  const pieces: Piece[] = [];
  for (let index = 0; index < PIECES; index++) {
    const source = await choice.open(index);
    const sound = await new SoundStream(source, 0, () => undefined).read(PIECE_S * source.sampleRateHz);
    const samples = resample(sound, source.sampleRateHz, plan.sampleRateHz);
    const seconds = Array.from({ length: PIECE_S }, (_, second) =>
      samples.slice(second * plan.sampleRateHz, (second + 1) * plan.sampleRateHz),
    );
    pieces.push(seconds.map(pcmOf));
  }
  return { pieces, sound: choice.description };
};

const openAll = async (plan: LoadPlan): Promise<readonly Sender[]> => {
  const senders = plan.sensors.map(({ sensorId, key }) => {
    const identity = { tenantId: plan.tenantId, sensorId, key };
    return plan.protocol === 'mqtt'
      ? createMqttSender(plan.mqttUrl, identity)
      : createGrpcSender(plan.grpcAddress, identity);
  });
  for (let from = 0; from < senders.length; from += CONNECTED_AT_ONCE)
    await Promise.all(senders.slice(from, from + CONNECTED_AT_ONCE).map((sender) => sender.open()));
  return senders;
};

const frameOf = (order: LoadOrder, sound: Sound, index: number, second: number): SensorFrame => {
  const { rateHz, pieces, tone } = sound;
  const isLoud = order.loudEveryS > 0 && (second + index) % order.loudEveryS < 2;
  const at = (second + 7 * index) % PIECE_S;
  const data = isLoud ? tone : (pieces[index % PIECES]?.[at] ?? tone);
  return {
    bootId: order.bootId,
    sequence: second,
    anchorTimeUs: order.anchorTimeUs + Math.round((index * 1e6 * 0.618034) % 1e6),
    firstSampleIndex: second * rateHz,
    sampleRateHz: rateHz,
    sampleCount: rateHz,
    clockQuality: ClockQuality.CLOCK_QUALITY_SYNCHRONISED,
    body: { $case: 'pcm', value: { format: PcmFormat.PCM_FORMAT_S16LE, data } },
  };
};

interface Sound {
  readonly rateHz: number;
  readonly pieces: readonly Piece[];
  readonly tone: Buffer;
}

/** Frames of one sensor without an answer, at most. */
const WINDOW = 8;

const play = async (order: LoadOrder, sound: Sound, senders: readonly Sender[]): Promise<Omit<LoadAnswer, 'sound'>> => {
  const tally = { sent: 0, refused: 0, latestS: 0 };
  const runs = senders.map(async (sender, index) => {
    const underway = new Set<Promise<void>>();
    for (let second = 0; second < order.seconds; second++) {
      const frame = frameOf(order, sound, index, second);
      if (order.paced) {
        const dueMs = frame.anchorTimeUs / 1000 + (second + 1) * 1000;
        const leftMs = dueMs - Date.now();
        if (leftMs > 0) await sleep(leftMs);
        tally.latestS = Math.max(tally.latestS, (Date.now() - dueMs) / 1000);
      }
      while (underway.size >= WINDOW) await Promise.race(underway);
      tally.sent += 1;
      const answer = sender.send(frame).then((sent) => {
        if (sent === 'refused') tally.refused += 1;
        underway.delete(answer);
      });
      underway.add(answer);
    }
    await Promise.all(underway);
  });
  await Promise.all(runs);
  return tally;
};

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const next = async (): Promise<unknown> => {
  const { value, done } = (await lines.next()) as { value?: string; done?: boolean };
  return done === true || value === undefined ? null : JSON.parse(value);
};
const tell = (answer: LoadAnswer): void => void process.stdout.write(`${JSON.stringify(answer)}\n`);

const plan = loadPlan.parse(await next());
const { pieces, sound } = await makePieces(plan);
const senders = await openAll(plan);
const playing: Sound = { rateHz: plan.sampleRateHz, pieces, tone: toneOf(plan.sampleRateHz) };
tell({ sound, sent: 0, refused: 0, latestS: 0 });
for (;;) {
  const line = await next();
  if (line === null) break;
  tell({ sound, ...(await play(loadOrder.parse(line), playing, senders)) });
}
await Promise.all(senders.map((sender) => sender.close()));
process.exit(0);
