import { z } from 'zod';

/** What the load generator is told, as one line of JSON on its standard input. */
export const loadPlan = z.object({
  protocol: z.enum(['mqtt', 'grpc']),
  mqttUrl: z.string(),
  grpcAddress: z.string(),
  tenantId: z.string(),
  sensors: z.array(z.object({ sensorId: z.string(), key: z.string() })),
  /** Of every sensor. */
  sampleRateHz: z.number().int(),
  recordingsFolder: z.string(),
  seed: z.number().int(),
});
export type LoadPlan = z.infer<typeof loadPlan>;

/** A piece of work, each a line: frames [from, to) of every sensor. */
export const loadOrder = z.object({
  bootId: z.string(),
  anchorTimeUs: z.number(),
  seconds: z.number().int(),
  /** true: a frame a second of every sensor, when its second is over; else as fast as they are taken. */
  paced: z.boolean(),
  /** Every so many seconds two are a loud tone; 0: none. */
  loudEveryS: z.number().int(),
});
export type LoadOrder = z.infer<typeof loadOrder>;

export const loadAnswer = z.object({
  /** What it plays. */
  sound: z.string(),
  sent: z.number(),
  refused: z.number(),
  /** Longest that a frame was sent after it was due, s. */
  latestS: z.number(),
});
export type LoadAnswer = z.infer<typeof loadAnswer>;
