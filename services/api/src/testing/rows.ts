/** Rows as the sink writes them, for tests of what the api reads. Times are microseconds since the Unix epoch. */
const at = (timeUs: number): string => {
  const seconds = Math.floor(timeUs / 1e6);
  const text = new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ');
  return `${text}.${String(timeUs - seconds * 1e6).padStart(6, '0')}`;
};

const common = (timeUs: number) => ({
  tenant_id: 't1',
  sensor_id: 's1',
  boot_id: 'b1',
  received_time: at(timeUs + 100_000),
  kafka_partition: 0,
  kafka_offset: 1,
  row_version: '1',
});

export const secondRow = (timeUs: number, changes: object = {}): object => ({
  ...common(timeUs),
  time: at(timeUs),
  second_index: 0,
  duration_ms: 1000,
  sample_rate_hz: 32_000,
  laeq_db: 50.5,
  lceq_db: 55,
  lzeq_db: 56,
  lafmax_db: 53,
  lcpeak_db: null,
  laf_125ms_db: [50, 51, null],
  laeq_125ms_db: [],
  third_octave_db: [40, null],
  full_scale_db: 120,
  calibration_id: 'c1',
  calibration_version: 1,
  clipped_share: 0,
  ...changes,
});

export const hourRow = (timeUs: number, changes: object = {}): object => ({
  tenant_id: 't1',
  sensor_id: 's1',
  time: at(timeUs).slice(0, 19),
  window_ms: 3_600_000,
  seconds: 3600,
  covered_ms: 3_600_000,
  completeness: 1,
  laeq_db: 60,
  lceq_db: 60,
  lzeq_db: 60,
  lafmax_db: 70,
  lcpeak_db: 90,
  la10_db: 62,
  la50_db: 59,
  la90_db: 55,
  full_scale_db: 120,
  calibration_id: 'c1',
  calibration_version: 1,
  class_shares: { dog: 0.5 },
  event_counts: { dog: 2 },
  levels_kafka_offset: 9,
  classifications_kafka_offset: 9,
  events_kafka_offset: 9,
  revision: '281474976710686',
  computed_at: '2026-11-22 12:00:00.000',
  ...changes,
});

export const classificationRow = (timeUs: number, changes: object = {}): object => ({
  ...common(timeUs),
  time: at(timeUs),
  id: `c-${timeUs}`,
  window_ms: 2000,
  hop_ms: 500,
  model_id: 'm',
  model_version: '1',
  top_label: 'dog',
  top_probability: 0.75,
  probabilities: { rain: 0.25, dog: 0.75 },
  laeq_db: null,
  calibration_id: '',
  first_frame_index: 0,
  discontinuity: false,
  ...changes,
});

export const eventRow = (onsetUs: number, changes: object = {}): object => ({
  ...common(onsetUs),
  id: `e-${onsetUs}`,
  phase: 'close',
  label: 'dog',
  onset: at(onsetUs),
  offset: at(onsetUs + 2_500_000),
  confidence: 0.5,
  laeq_db: 61,
  laeq_max_db: 66,
  calibration_id: 'c1',
  model_id: 'm',
  model_version: '1',
  revision: 2,
  ...changes,
});

export const anomalyRow = (timeUs: number, changes: object = {}): object => ({
  ...common(timeUs),
  time: at(timeUs),
  id: `a-${timeUs}`,
  duration_ms: 10_000,
  score: 5,
  threshold: 4,
  state: 'anomalous',
  warm_up: 1,
  explanation: [{ frequency_hz: 2000, deviation_db: 12.5 }],
  detector_id: 'd',
  episode_onset: at(timeUs),
  ...changes,
});

export const alertRow = (raisedUs: number, changes: object = {}): object => {
  const { boot_id: _, ...rest } = common(raisedUs);
  return {
    ...rest,
    id: `al-${raisedUs}`,
    rule_id: 'r1',
    rule_name: 'Night',
    state: 'raised',
    severity: 'warning',
    raised_time: at(raisedUs),
    resolved_time: null,
    message: 'LAeq above 55 dB',
    value: 58,
    limit: 55,
    cause_id: '',
    revision: 0,
    ...changes,
  };
};
