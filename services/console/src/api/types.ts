/** The JSON of services/api/API.md. Times are RFC 3339 strings; a level without energy is null. */

export type SensorState = 'active' | 'retired';

/** What makes a second doubtful. */
export type LevelFlag = 'overload' | 'under_range' | 'dc_offset' | 'dead_microphone' | 'stuck_samples';

export interface Placement {
  readonly site: string;
  readonly description: string;
  readonly latitude: number | null;
  readonly longitude: number | null;
}

export interface Sensor {
  readonly id: string;
  readonly name: string;
  readonly state: SensorState;
  readonly online: boolean;
  readonly placement: Placement;
  readonly fullScaleDb: number | null;
  readonly timeZone: string;
  readonly calibrated: boolean;
  readonly sampleRateHz: number | null;
  readonly lastSeen: string | null;
  readonly lastReceived: string | null;
  readonly gapSeconds: number;
  readonly gapCount: number;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly version: number;
}

export interface NewSensor {
  readonly id: string;
  readonly name?: string;
  readonly placement?: { readonly site: string; readonly description: string };
  readonly fullScaleDb?: number;
}

export interface CreatedSensor {
  readonly sensor: Sensor;
  /** Shown this once. */
  readonly sensorKey: string;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

/** One second of one sensor, in the live feed and with `resolution=1s`. */
export interface SecondLevel {
  readonly time: string;
  readonly durationMs: number;
  readonly laeqDb: number | null;
  readonly lceqDb: number | null;
  readonly lzeqDb: number | null;
  readonly lafmaxDb: number | null;
  readonly lcpeakDb: number | null;
  readonly flags?: readonly LevelFlag[];
  readonly calibrationId: string | null;
  readonly fullScaleDb: number | null;
  readonly laf125msDb?: readonly (number | null)[];
  /** Index i: nominal band 25 Hz x 10^(i/10). */
  readonly thirdOctaveDb?: readonly (number | null)[];
}

export interface LiveLevel extends SecondLevel {
  readonly sensorId: string;
}

/** One window of 1 min, 15 min, 1 h or 1 d. */
export interface WindowLevel {
  readonly time: string;
  readonly windowMs: number;
  readonly coveredMs: number;
  /** Share of the window really covered, 0..1. */
  readonly completeness: number;
  readonly laeqDb: number | null;
  readonly lafmaxDb: number | null;
  readonly la10Db: number | null;
  readonly la50Db: number | null;
  readonly la90Db: number | null;
  /** Left out for the sensor's excluded flags. */
  readonly excludedMs?: number;
  readonly calibrationId: string | null;
}

export type CalibrationMethod = 'sensitivity' | 'calibrator' | 'manual';

/** One entry of a sensor's ledger of calibrations. */
export interface Calibration {
  readonly id: string;
  readonly version: number;
  readonly fullScaleDb: number;
  readonly method: CalibrationMethod;
  /** null: from the beginning. */
  readonly effectiveFrom: string | null;
  readonly createdAt: string;
  readonly previousFullScaleDb: number | null;
  readonly driftDb: number | null;
  readonly driftAlarm: boolean;
  readonly calibratorLevelDb: number | null;
  readonly performedBy: string;
  readonly note: string;
  readonly inForce: boolean;
}

/** Body of a new calibration: one of the two quantities. */
export interface NewCalibration {
  readonly fullScaleDb?: number;
  readonly sensitivityDbfsPerPa?: number;
  /** null: from the beginning; left out: now. */
  readonly effectiveFrom?: string | null;
  readonly performedBy: string;
  readonly note: string;
}

interface DayPeriod {
  readonly from: string;
  readonly to: string;
  /** Share of the period really covered, 0..1. */
  readonly completeness: number;
}

/** Levels of one day of the site's clock. */
export interface DayLevel {
  /** YYYY-MM-DD on the site's clock. */
  readonly date: string;
  readonly timeZone: string;
  readonly from: string;
  readonly to: string;
  readonly completeness: number;
  readonly ldenDb: number | null;
  readonly ldayDb: number | null;
  readonly leveningDb: number | null;
  readonly lnightDb: number | null;
  readonly calibrationId: string | null;
  readonly periods: { readonly day: DayPeriod; readonly evening: DayPeriod; readonly night: DayPeriod };
}

export interface ClassProbability {
  readonly label: string;
  readonly probability: number;
}

export interface Classification {
  readonly id: string;
  readonly sensorId: string;
  readonly time: string;
  readonly durationMs: number;
  readonly modelId: string;
  readonly modelVersion: string;
  readonly top: ClassProbability | null;
  readonly classes: readonly ClassProbability[];
  readonly laeqDb: number | null;
  readonly discontinuity: boolean;
}

export interface SoundEvent {
  readonly id: string;
  readonly sensorId: string;
  readonly phase: 'open' | 'update' | 'close';
  readonly label: string;
  readonly onset: string;
  readonly offset: string;
  readonly durationS: number;
  readonly confidence: number;
  readonly laeqDb: number | null;
  readonly laeqMaxDb: number | null;
  readonly calibrationId: string | null;
  readonly modelId: string;
  readonly modelVersion: string;
  readonly revision: number;
  /** In lists only: null when nobody reviewed it. */
  readonly review?: ReviewMark | null;
}

export type Verdict = 'right' | 'wrong' | 'other_label' | 'missed';

/** What was said of an event, in short. */
export interface ReviewMark {
  readonly verdict: Verdict;
  /** What it was; null for wrong ones. */
  readonly label: string | null;
  readonly reviewer: string;
}

export interface ReviewBody {
  readonly verdict: 'right' | 'wrong' | 'other_label';
  readonly label?: string;
  readonly note?: string;
}

export interface MissedBody {
  readonly sensorId: string;
  readonly label: string;
  readonly onset: string;
  readonly offset: string;
}

export interface SavedReview extends ReviewMark {
  readonly eventId: string;
  readonly version: number;
  /** Why the sound was not kept; null: it was. */
  readonly clipMissing: string | null;
}

export interface QueueItem {
  readonly event: SoundEvent;
  /** Probability at which the model opens an event of this label. */
  readonly threshold: number;
  readonly score: number;
  readonly uncertainty: number;
  readonly need: number;
  readonly novelty: number;
}

export interface ReviewQueue {
  readonly items: readonly QueueItem[];
  /** Closed events of the range that nobody reviewed. */
  readonly unreviewed: number;
}

export interface LabelSummary {
  readonly label: string;
  readonly right: number;
  readonly wrong: number;
  readonly otherLabel: number;
  readonly missed: number;
  readonly precision: number | null;
  /** 95 % interval. */
  readonly precisionLow: number | null;
  readonly precisionHigh: number | null;
}

export interface ReviewSummary {
  readonly labels: readonly LabelSummary[];
}

export type AnomalyState = 'learning' | 'normal' | 'anomalous';
/** Like the zones of ISO 20816, of the sensor's own normal. */
export type Condition = 'acceptable' | 'monitor' | 'alarm' | 'danger';

/** A fault that a machine's spectra show. */
export interface MachineFinding {
  readonly fault: string;
  readonly frequencyHz: number;
  readonly order: number;
  readonly prominenceDb: number;
  readonly excessDb: number;
}

export interface Anomaly {
  readonly id: string;
  readonly sensorId: string;
  readonly time: string;
  readonly durationMs: number;
  readonly score: number;
  readonly threshold: number;
  readonly state: AnomalyState;
  /** Share of warm-up done, 0..1. */
  readonly warmUp: number;
  readonly explanation: readonly { readonly frequencyHz: number; readonly deviationDb: number }[];
  readonly detectorId: string;
  readonly episodeOnset: string | null;
  readonly condition: Condition;
  /** The second with the highest score. */
  readonly worstTime: string | null;
  /** Share of the time in which the sensor is new, 0..1. */
  readonly maturity: number;
  readonly findings: readonly MachineFinding[];
  readonly shaftHz: number | null;
}

export type Severity = 'info' | 'warning' | 'critical';

export interface Alert {
  readonly id: string;
  readonly sensorId: string;
  readonly ruleId: string;
  readonly ruleName: string;
  readonly state: 'raised' | 'resolved';
  readonly severity: Severity;
  readonly raisedAt: string;
  readonly resolvedAt: string | null;
  readonly message: string;
  readonly value: number;
  readonly limit: number;
  readonly causeId: string | null;
  readonly revision: number;
}

export type LevelQuantity = 'laeq' | 'lceq' | 'lzeq' | 'lafmax' | 'lcpeak';

export type RuleCondition =
  | {
      readonly kind: 'level';
      readonly quantity: LevelQuantity;
      readonly aboveDb: number;
      readonly forS: number;
      readonly resolveAfterS: number;
    }
  | {
      readonly kind: 'event';
      readonly label: string;
      readonly minConfidence: number;
      readonly minDurationS: number;
    }
  | { readonly kind: 'anomaly'; readonly forS: number; readonly minCondition: 'alarm' | 'danger' };

export interface RuleBody {
  readonly name: string;
  /** Empty: all sensors. */
  readonly sensorIds: readonly string[];
  readonly severity: Severity;
  readonly condition: RuleCondition;
  readonly webhookUrl: string | null;
  readonly enabled: boolean;
}

export interface Rule extends RuleBody {
  readonly id: string;
  readonly version: number;
  readonly effectiveFrom: string;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export type ModelRole = 'live' | 'shadow' | 'installed' | 'retired';

export interface Model {
  readonly id: string;
  readonly version: string;
  readonly task: string;
  readonly labels: readonly string[];
  readonly windowMs: number;
  readonly hopMs: number;
  readonly role: ModelRole;
  /** Since when it has this role. */
  readonly effectiveFrom: string;
  /** Figures of record from its bundle; null: none. */
  readonly metrics: Readonly<Record<string, unknown>> | null;
}

export interface ModelRef {
  readonly id: string;
  readonly version: string;
}

/** A complete picture of who does what, in force for sound from `effectiveFrom` on. */
export interface ModelRoles {
  readonly revision: number;
  /** null: from the beginning. */
  readonly effectiveFrom: string | null;
  readonly createdAt: string;
  readonly action: string;
  readonly performedBy: string;
  readonly note: string;
  readonly tasks: readonly {
    readonly task: string;
    readonly live: ModelRef | null;
    readonly shadow: readonly ModelRef[];
  }[];
}

/** frameCount x melBands bytes, frame after frame, lowest band first; dB = -100 + 0.5 x byte, re full scale. */
export interface Spectrogram {
  readonly sensorId: string;
  readonly time: string;
  readonly frontEndId: string;
  readonly firstFrameIndex: number;
  readonly frameCount: number;
  readonly melBands: number;
  readonly hopMs: number;
  readonly discontinuity: boolean;
  readonly dataBase64: string;
}

export interface SensorSnapshot {
  readonly sensorId: string;
  readonly level: LiveLevel | null;
  readonly heard: { readonly label: string; readonly probability: number; readonly time: string } | null;
  readonly openEvents: readonly SoundEvent[];
  readonly anomaly: Anomaly | null;
  readonly openAlerts: readonly Alert[];
}

export interface Snapshot {
  readonly time: string;
  readonly sensors: readonly SensorSnapshot[];
}

export type FeedMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'levels'; readonly items: readonly LiveLevel[] }
  | { readonly type: 'classification'; readonly value: Classification }
  | { readonly type: 'event'; readonly value: SoundEvent }
  | { readonly type: 'anomaly'; readonly value: Anomaly }
  | { readonly type: 'alert'; readonly value: Alert }
  | { readonly type: 'sensor'; readonly value: Sensor }
  | { readonly type: 'spectrogram'; readonly value: Spectrogram }
  | { readonly type: 'notice'; readonly droppedMessages: number };
