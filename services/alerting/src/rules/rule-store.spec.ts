import { Rule } from '@earshot/contracts';
import { describe, expect, it } from '@jest/globals';
import type { OutgoingRecord } from '@earshot/platform/kafka';
import { RuleStore, type RuleResult } from './rule-store.js';

const NOW = 1_780_000_000e6;
const level = { $case: 'level', value: { quantity: 'laeq', aboveDb: 70, forS: 10, resolveAfterS: 0 } } as const;
const rule = (changes: Partial<Rule> = {}): Rule => ({
  ...Rule.fromPartial({ tenantId: 'demo', name: 'Loud', enabled: true }),
  condition: level,
  ...changes,
});

const world = () => {
  const written: OutgoingRecord[] = [];
  const store = new RuleStore({
    namespace: 't',
    leadUs: 5e6,
    nowUs: () => NOW,
    refuseUrl: (url) => (url.includes('10.0.0.1') ? 'private' : undefined),
    producer: {
      send: (records) => {
        written.push(...records);
        return Promise.resolve();
      },
      close: () => Promise.resolve(),
    },
  });
  return { store, written };
};

const value = <T>(result: RuleResult<T>): T => {
  if (!result.ok) throw new Error(result.message);
  return result.value;
};

describe('RuleStore', () => {
  it('puts a rule with an id, a version and defaults, in force after the lead', async () => {
    const { store, written } = world();
    const made = value(await store.put(rule()));
    expect(made).toMatchObject({ version: 1, severity: 'warning', effectiveFromUs: NOW + 5e6, createdUs: NOW });
    expect(made.condition).toMatchObject({ value: { resolveAfterS: 10 } });
    expect(made.ruleId).toMatch(/^rule-/);
    expect(written[0]).toMatchObject({ topic: 't.rules.v1', key: `demo/${made.ruleId}` });
    expect(Rule.decode(written[0]?.value ?? new Uint8Array())).toEqual(made);
    expect(store.list('demo')).toEqual([made]);
    expect(store.list('other')).toEqual([]);
  });

  it('keeps older versions for older event times', async () => {
    const { store } = world();
    await store.put(rule({ ruleId: 'r1' }));
    const second = value(await store.put(rule({ ruleId: 'r1', name: 'Louder' })));
    expect(second.version).toBe(2);
    expect(store.book.versions('demo', 'r1').map(({ name }) => name)).toEqual(['Loud', 'Louder']);
  });

  it('deletes with a last version and then a tombstone, and still knows where to tell', async () => {
    const { store, written } = world();
    await store.put(rule({ ruleId: 'r1', webhookUrl: 'https://example.org/hook' }));
    value(await store.delete('demo', 'r1'));
    expect(written.slice(1).map(({ key, value: bytes }) => [key, bytes === null])).toEqual([
      ['demo/r1', false],
      ['demo/r1', true],
    ]);
    for (const { key, value: bytes } of written) store.apply(key, bytes === null ? undefined : Rule.decode(bytes));
    expect(store.list('demo')).toEqual([]);
    expect(store.book.latest('demo', 'r1')).toMatchObject({ deleted: true, effectiveFromUs: NOW + 5e6 });
    expect(store.webhookUrl('demo', 'r1')).toBe('https://example.org/hook');
    expect(await store.delete('demo', 'r1')).toMatchObject({ ok: false, code: 'NOT_FOUND' });
    expect(value(await store.put(rule({ ruleId: 'r1' }))).version).toBe(3);
  });

  it.each<[string, Partial<Rule>, RegExp]>([
    ['name', { name: ' ' }, /name/],
    ['tenant', { tenantId: '' }, /tenant_id/],
    ['rule id', { ruleId: 'R 1' }, /rule_id/],
    ['sensor', { sensorIds: ['ok', 'not ok'] }, /sensor_ids "not ok"/],
    ['severity', { severity: 'fatal' }, /severity "fatal": one of info, warning, critical/],
    ['condition', { condition: undefined }, /condition is missing/],
    ['quantity', { condition: { $case: 'level', value: { ...level.value, quantity: 'loud' } } }, /quantity "loud"/],
    ['limit', { condition: { $case: 'level', value: { ...level.value, aboveDb: Number.NaN } } }, /above_db NaN/],
    ['duration', { condition: { $case: 'level', value: { ...level.value, forS: 0 } } }, /for_s 0/],
    [
      'confidence',
      { condition: { $case: 'event', value: { label: 'dog', minConfidence: 2, minDurationS: 0 } } },
      /min_confidence 2: 0 to 1/,
    ],
    ['URL', { webhookUrl: 'nowhere' }, /webhook_url: not a URL/],
    ['scheme', { webhookUrl: 'file:///etc/passwd' }, /http or https/],
    ['password', { webhookUrl: 'https://a:b@example.org' }, /without user name/],
    ['private target', { webhookUrl: 'http://10.0.0.1/' }, /webhook_url: private/],
  ])('refuses a bad %s and says what is allowed', async (_name, changes, message) => {
    const { store, written } = world();
    const result = await store.put(rule(changes));
    expect(result).toMatchObject({ ok: false, code: 'INVALID_ARGUMENT' });
    expect(result.ok ? '' : result.message).toMatch(message);
    expect(written).toEqual([]);
  });

  it('names every mistake at once', async () => {
    const { store } = world();
    const result = await store.put(rule({ name: '', severity: 'x', condition: undefined }));
    expect(result.ok ? [] : result.message.split('; ')).toHaveLength(3);
  });
});
