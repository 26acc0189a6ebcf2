import { Model } from '@earshot/contracts';
import { ConfigError, loadConfig } from '@earshot/nest/config';
import { describe, expect, it } from '@jest/globals';
import { eventDetectionConfig, unknownModelRule } from './config.js';
import { createRuleFor } from './rules.js';

const settings = (env: Record<string, string> = {}) => loadConfig(eventDetectionConfig, { HEALTH_PORT: '0', ...env });
const detection = {
  medianSteps: 7,
  onThreshold: 0.65,
  offThreshold: 0.4,
  minDurationS: 1.5,
  mergeGapS: 1.1,
  perLabel: { rain: { onThreshold: 0.5 } },
};
const model = Model.fromPartial({ modelId: 'm', version: '1.0.0', manifestJson: JSON.stringify({ detection }) });
const ruleFor = (env: Record<string, string> = {}, known: Model = model) =>
  createRuleFor((key) => (key === `_/${known.modelId}@${known.version}` ? known : undefined), settings(env));

describe('createRuleFor', () => {
  it('takes what the manifest recommends for the version that told the steps', () => {
    expect(ruleFor()('m', '1.0.0')).toEqual(detection);
    // As versions before this one wrote it.
    const older = createRuleFor((key) => (key === '_/m' ? model : undefined), settings());
    expect(older('m', '1.0.0')).toEqual(detection);
    expect(older('m', '2.0.0')).toEqual(unknownModelRule);
  });

  it('falls back for another version, an unknown model and a manifest without a usable recommendation', () => {
    expect(ruleFor()('m', '2.0.0')).toEqual(unknownModelRule);
    expect(ruleFor()('other', '1.0.0')).toEqual(unknownModelRule);
    for (const manifestJson of ['', '{}', '{"detection":{"onThreshold":7}}'])
      expect(ruleFor({}, { ...model, manifestJson })('m', '1.0.0')).toEqual(unknownModelRule);
  });

  it('puts settings over the recommendation, and those of a label over all', () => {
    expect(
      ruleFor({ MEDIAN_STEPS: '3', ON_THRESHOLD: '0.7', MERGE_GAP_S: '0', LABEL_THRESHOLDS: 'dog=0.9/0.2, cat=0.8' })(
        'm',
        '1.0.0',
      ),
    ).toEqual({
      medianSteps: 3,
      onThreshold: 0.7,
      offThreshold: 0.4,
      minDurationS: 1.5,
      mergeGapS: 0,
      perLabel: {
        rain: { medianSteps: 3, onThreshold: 0.7, mergeGapS: 0 },
        dog: { medianSteps: 3, onThreshold: 0.9, offThreshold: 0.2, mergeGapS: 0 },
        cat: { medianSteps: 3, onThreshold: 0.8, mergeGapS: 0 },
      },
    });
  });

  it('follows the models topic', () => {
    const topic: Model[] = [];
    const rule = createRuleFor(() => topic.at(-1), settings());
    expect(rule('m', '1.0.0')).toEqual(unknownModelRule);
    topic.push(model);
    expect(rule('m', '1.0.0')).toEqual(detection);
  });
});

describe('eventDetectionConfig', () => {
  it.each([
    ['OFF_THRESHOLD', { ON_THRESHOLD: '0.5', OFF_THRESHOLD: '0.6' }],
    ['LABEL_THRESHOLDS', { LABEL_THRESHOLDS: 'dog' }],
    ['LABEL_THRESHOLDS', { LABEL_THRESHOLDS: 'dog=0.2/0.3' }],
    ['ON_THRESHOLD', { ON_THRESHOLD: '0' }],
    ['MEDIAN_STEPS', { MEDIAN_STEPS: '4' }],
  ])('refuses a wrong %s', (name, env) => {
    expect(() => settings(env)).toThrow(ConfigError);
    expect(() => settings(env)).toThrow(name);
  });
});
