import { Counter, Gauge, Histogram, type Registry } from '@earshot/platform/telemetry';

export const createCanaryMetrics = (registry: Registry) => ({
  seconds: new Counter({
    name: 'earshot_canary_seconds_total',
    help: 'Seconds of the known tone: stored with the right level, with a wrong one, or missing',
    labelNames: ['result'],
    registers: [registry],
  }),
  error: new Gauge({
    name: 'earshot_canary_level_error_db',
    help: "Stored level of the latest second minus the tone's, dB",
    registers: [registry],
  }),
  latency: new Histogram({
    name: 'earshot_canary_latency_seconds',
    help: "From the end of a second's sound to its level in the API",
    buckets: [0.25, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 20, 30, 60],
    registers: [registry],
  }),
  /** Age of the oldest second that is not seen yet, asked when metrics are read. */
  observePending: (oldestS: () => number): void => {
    new Gauge({
      name: 'earshot_canary_pending_seconds',
      help: 'Age of the oldest second that was sent and is not in the API yet',
      registers: [registry],
      collect() {
        this.set(oldestS());
      },
    });
  },
});

export type CanaryMetrics = ReturnType<typeof createCanaryMetrics>;
