/** Levels that a rule can watch. */
export const levelQuantities = ['laeq', 'lceq', 'lzeq', 'lafmax', 'lcpeak'] as const;
export type LevelQuantity = (typeof levelQuantities)[number];

export const severities = ['info', 'warning', 'critical'] as const;
export type Severity = (typeof severities)[number];

/** Every second above `aboveDb` for `forS`; over once no second was above for `resolveAfterS`. */
export interface LevelCondition {
  readonly kind: 'level';
  readonly quantity: LevelQuantity;
  readonly aboveDb: number;
  readonly forS: number;
  readonly resolveAfterS: number;
}

/** An event of this label that is sure enough and long enough; over when the event closes. */
export interface EventCondition {
  readonly kind: 'event';
  readonly label: string;
  /** 0..1. */
  readonly minConfidence: number;
  readonly minDurationS: number;
}

/** The sensor has been anomalous for `forS`; over when it is normal again. */
export interface AnomalyCondition {
  readonly kind: 'anomaly';
  readonly forS: number;
  /** Only verdicts at least this bad count; alarm: any anomaly. */
  readonly minCondition: 'alarm' | 'danger';
}

export type Condition = LevelCondition | EventCondition | AnomalyCondition;

/** One version of a rule; in force for event times from `effectiveFromUs` until the next version's. */
export interface AlertRule {
  readonly tenantId: string;
  readonly ruleId: string;
  readonly version: number;
  readonly name: string;
  /** Empty: all sensors of the tenant. */
  readonly sensorIds: readonly string[];
  readonly severity: Severity;
  readonly condition: Condition;
  readonly enabled: boolean;
  readonly deleted: boolean;
  readonly effectiveFromUs: number;
}

interface SensorInput {
  readonly tenantId: string;
  readonly sensorId: string;
  /** When the sound reached Earshot, microseconds since the Unix epoch; 0: not known. */
  readonly receivedTimeUs: number;
}

export interface LevelSecond extends SensorInput {
  readonly kind: 'level';
  readonly timeUs: number;
  readonly durationMs: number;
  /** dB SPL when calibrated, else dB re full-scale RMS; null: no energy, which is below everything. */
  readonly levelsDb: Readonly<Record<LevelQuantity, number | null>>;
  readonly calibrated: boolean;
}

export interface EventPhaseSeen extends SensorInput {
  readonly kind: 'event';
  readonly eventId: string;
  readonly phase: 'open' | 'update' | 'close';
  readonly label: string;
  readonly onsetUs: number;
  /** End so far; final in phase `close`. */
  readonly offsetUs: number;
  readonly confidence: number;
}

export interface AnomalyInterval extends SensorInput {
  readonly kind: 'anomaly';
  readonly anomalyId: string;
  readonly timeUs: number;
  readonly durationMs: number;
  readonly state: 'learning' | 'normal' | 'anomalous';
  /** Anomalous, and so bad that it is dangerous. */
  readonly dangerous: boolean;
  readonly score: number;
  readonly threshold: number;
  /** Onset of the episode; 0 outside of one. */
  readonly episodeOnsetUs: number;
  /** The fault that a machine's spectra show most clearly; null: none. */
  readonly finding: MachineFault | null;
}

export interface MachineFault {
  /** imbalance, misalignment, looseness, bpfo, bpfi, bsf, ftf or line. */
  readonly fault: string;
  readonly frequencyHz: number;
  /** Over its surroundings, dB. */
  readonly prominenceDb: number;
}

export type AlertInput = LevelSecond | EventPhaseSeen | AnomalyInterval;

export interface Alert {
  /** `<rule>.<rule version>.<sensor>.<raised, microseconds>`, for events with a hash of the event's id. */
  readonly id: string;
  readonly tenantId: string;
  readonly sensorId: string;
  readonly ruleId: string;
  readonly ruleName: string;
  readonly severity: Severity;
  readonly state: 'raised' | 'resolved';
  /** Event time at which the condition was first met. */
  readonly raisedUs: number;
  /** 0 while raised. */
  readonly resolvedUs: number;
  readonly message: string;
  /** In the unit of the rule: dB, probability, score. */
  readonly value: number;
  readonly limit: number;
  /** Id of the event or anomaly that raised it; empty for levels. */
  readonly causeId: string;
  /** 0 raised, 1 resolved. */
  readonly revision: 0 | 1;
  readonly receivedTimeUs: number;
}
