import { Rule, topicName } from '@earshot/contracts';
import { RuleBook } from '@earshot/core/alerting';
import type { OutgoingRecord, RecordProducer } from '@earshot/platform/kafka';
import { randomUUID } from 'node:crypto';
import { DEFAULT_RESOLVE_AFTER_S, toAlertRule } from '@earshot/platform/records';
import { ruleProblems } from './rule-validation.js';

export type RuleResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly code: 'INVALID_ARGUMENT' | 'NOT_FOUND'; readonly message: string };

export interface RuleStoreDeps {
  readonly producer: RecordProducer;
  readonly namespace: string;
  readonly leadUs: number;
  /** Microseconds since the Unix epoch. */
  nowUs(): number;
  /** Why a webhook may not go there; undefined: it may. */
  refuseUrl(url: string): string | undefined;
}

const keyOf = (rule: { readonly tenantId: string; readonly ruleId: string }): string =>
  `${rule.tenantId}/${rule.ruleId}`;

/**
 * The rules of all tenants. rules.v1 (compacted) is the system of record, this is its only writer. A change is answered once
 * Kafka has acknowledged it, and takes effect in event time `leadUs` later. Deleting writes a `deleted` version, which ends
 * the rule's open alerts at its time, and then the tombstone.
 */
export class RuleStore {
  /** All versions seen since the start, for the stage. */
  readonly book = new RuleBook();
  private readonly table = new Map<string, Rule>();
  private readonly webhookUrls = new Map<string, string>();
  private writes: Promise<unknown> = Promise.resolve();

  constructor(private readonly deps: RuleStoreDeps) {}

  /** Takes in what stands in the topic. */
  apply(key: string, rule: Rule | undefined): void {
    if (rule === undefined) {
      this.table.delete(key);
      return;
    }
    if ((this.table.get(key)?.version ?? 0) > rule.version) return;
    const alertRule = toAlertRule(rule);
    if (alertRule !== null) this.book.put(alertRule);
    this.webhookUrls.set(key, rule.webhookUrl);
    if (rule.deleted) this.table.delete(key);
    else this.table.set(key, rule);
  }

  list(tenantId: string): readonly Rule[] {
    return [...this.table.values()]
      .filter((rule) => rule.tenantId === tenantId)
      .sort((a, b) => (a.ruleId < b.ruleId ? -1 : 1));
  }

  /** Where a rule's alerts are posted; deleted rules' too, so that their last alert's end is told. Empty: nowhere. */
  webhookUrl(tenantId: string, ruleId: string): string {
    return this.webhookUrls.get(keyOf({ tenantId, ruleId })) ?? '';
  }

  put(wanted: Rule): Promise<RuleResult<Rule>> {
    const refusal = wanted.webhookUrl === '' ? undefined : this.deps.refuseUrl(wanted.webhookUrl);
    const problems = [...ruleProblems(wanted), ...(refusal === undefined ? [] : [`webhook_url: ${refusal}`])];
    if (problems.length > 0) {
      return Promise.resolve({ ok: false, code: 'INVALID_ARGUMENT', message: problems.join('; ') });
    }
    return this.inTurn(async () => {
      const ruleId = wanted.ruleId === '' ? `rule-${randomUUID()}` : wanted.ruleId;
      const before = this.table.get(keyOf({ tenantId: wanted.tenantId, ruleId }));
      const nowUs = this.deps.nowUs();
      const rule: Rule = {
        ...wanted,
        ruleId,
        severity: wanted.severity === '' ? 'warning' : wanted.severity,
        condition: withDefaults(wanted.condition),
        createdUs: before?.createdUs ?? nowUs,
        ...this.nextVersion(wanted.tenantId, ruleId, nowUs),
        deleted: false,
      };
      await this.write(rule, []);
      return { ok: true, value: rule };
    });
  }

  delete(tenantId: string, ruleId: string): Promise<RuleResult<null>> {
    return this.inTurn(async () => {
      const before = this.table.get(keyOf({ tenantId, ruleId }));
      if (before === undefined) return { ok: false, code: 'NOT_FOUND', message: `No rule ${JSON.stringify(ruleId)}` };
      const next = this.nextVersion(tenantId, ruleId, this.deps.nowUs());
      const tombstone = { topic: topicName('rules', this.deps.namespace), key: keyOf(before), value: null };
      await this.write({ ...before, ...next, enabled: false, deleted: true }, [tombstone]);
      return { ok: true, value: null };
    });
  }

  private nextVersion(
    tenantId: string,
    ruleId: string,
    nowUs: number,
  ): Pick<Rule, 'version' | 'updatedUs' | 'effectiveFromUs'> {
    const latest = this.book.versions(tenantId, ruleId).at(-1)?.version ?? 0;
    return { version: latest + 1, updatedUs: nowUs, effectiveFromUs: nowUs + this.deps.leadUs };
  }

  private inTurn<T>(task: () => Promise<T>): Promise<T> {
    const turn = this.writes.then(task, task);
    this.writes = turn.catch(() => undefined);
    return turn;
  }

  private async write(rule: Rule, after: readonly OutgoingRecord[]): Promise<void> {
    const { namespace, producer } = this.deps;
    const record = { topic: topicName('rules', namespace), key: keyOf(rule), value: Rule.encode(rule).finish() };
    await producer.send([record, ...after]);
    this.apply(record.key, rule);
  }
}

const withDefaults = (condition: Rule['condition']): Rule['condition'] =>
  condition?.$case === 'level' && condition.value.resolveAfterS === 0
    ? { $case: 'level', value: { ...condition.value, resolveAfterS: DEFAULT_RESOLVE_AFTER_S } }
    : condition;
