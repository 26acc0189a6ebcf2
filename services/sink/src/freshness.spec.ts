import { describe, expect, it } from '@jest/globals';
import { Registry } from '@earshot/platform/telemetry';

import { createFreshness } from './freshness.js';
import type { StoredRow } from './rows/stored-row.js';

const NOW_US = 1.8e15;
const row = (endUs: number, receivedUs: number): StoredRow => ({
  ...{ table: 'levels_1s_rows', naturalKey: '', rowVersion: '0', columns: {}, heard: { endUs, receivedUs } },
});

describe('freshness', () => {
  it('is the time from the last sample to now, of live sound only', async () => {
    const registry = new Registry();
    const tell = createFreshness(registry, () => NOW_US);
    const live = NOW_US - 0.6e6;
    tell([row(live, live + 0.1e6), row(live, live + 11e6), row(NOW_US - 86_400e6, NOW_US), row(0, NOW_US)]);
    const [metric] = await registry.getMetricsAsJSON();
    const values = metric?.values as { metricName?: string; labels: { le?: unknown }; value: number }[];
    expect(values.find(({ metricName }) => metricName?.endsWith('_count'))?.value).toBe(1);
    expect(values.find(({ metricName }) => metricName?.endsWith('_sum'))?.value).toBeCloseTo(0.6, 9);
    expect(values.find(({ labels }) => labels.le === 0.5)?.value).toBe(0);
    expect(values.find(({ labels }) => labels.le === 0.75)?.value).toBe(1);
  });
});
