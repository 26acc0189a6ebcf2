import { Counter, Gauge, Histogram, type Registry } from '@earshot/platform/telemetry';

export type Protocol = 'http' | 'mqtt' | 'grpc';

/** What is asked for when metrics are. */
export interface IngestionGauges {
  unacknowledgedBytes(): number;
  waitingSensors(): number;
}

/** What the doors tell about themselves. */
export const createIngestionMetrics = (registry: Registry, gauges: IngestionGauges) => {
  const gauge = (name: string, help: string, value: () => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(value());
      },
    });
  gauge('earshot_ingestion_unacknowledged_bytes', "Bytes that wait for Kafka's acknowledgement", () =>
    gauges.unacknowledgedBytes(),
  );
  gauge(
    'earshot_ingestion_waiting_sensors',
    'Sensors that are held because there are more than the stages keep up with',
    () => gauges.waitingSensors(),
  );
  return {
    frames: new Counter({
      name: 'earshot_ingestion_frames_total',
      help: 'Frames acknowledged',
      labelNames: ['protocol'],
      registers: [registry],
    }),
    lanes: new Counter({
      name: 'earshot_ingestion_lane_frames_total',
      help: 'Frames acknowledged, by why they took their lane: live, or into the slow one old, fast_sensor, fast_tenant, following',
      labelNames: ['reason'],
      registers: [registry],
    }),
    bytes: new Counter({
      name: 'earshot_ingestion_frame_bytes_total',
      help: 'Bytes of the frames acknowledged, as written to Kafka',
      labelNames: ['protocol'],
      registers: [registry],
    }),
    levelSeconds: new Counter({
      name: 'earshot_ingestion_level_seconds_total',
      help: 'Seconds of levels of levels-only sensors acknowledged',
      registers: [registry],
    }),
    badRows: new Counter({
      name: 'earshot_ingestion_bad_level_rows_total',
      help: 'Rows of levels files that could not be used',
      registers: [registry],
    }),
    refusals: new Counter({
      name: 'earshot_ingestion_refusals_total',
      help: 'Frames, uploads and connections refused, by code',
      labelNames: ['protocol', 'code'],
      registers: [registry],
    }),
    deadLetters: new Counter({
      name: 'earshot_ingestion_dead_letters_total',
      help: 'Bad frames kept in the dead letter topic',
      labelNames: ['protocol'],
      registers: [registry],
    }),
    ackSeconds: new Histogram({
      name: 'earshot_ingestion_ack_seconds',
      help: "From a frame in hand to Kafka's acknowledgement",
      labelNames: ['protocol'],
      buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30],
      registers: [registry],
    }),
  };
};

export type IngestionMetrics = ReturnType<typeof createIngestionMetrics>;
