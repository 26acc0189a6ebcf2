import { Controller, Inject } from '@nestjs/common';
import type { RulesServiceClient } from '@earshot/contracts';

import { pageOf } from '../query/page-of.js';
import { endpoints } from '../endpoints.js';
import type { InputOf } from '../http/endpoint.js';
import { ApiError } from '../http/errors.js';
import { Input, Serves } from '../http/serves.js';
import { call } from '../peers/call.js';
import { present, ruleJson, ruleToPut } from '../peers/registry-json.js';
import { ALERTING } from '../tokens.js';

/** Alert rules, by alerting. */
@Controller('v1')
export class RulesController {
  constructor(@Inject(ALERTING) private readonly alerting: RulesServiceClient) {}

  @Serves(endpoints.listRules)
  async list(@Input() { tenantId, query }: InputOf<typeof endpoints.listRules>) {
    const rules = await this.rulesOf(tenantId);
    return pageOf(rules.map(ruleJson), query);
  }

  @Serves(endpoints.createRule)
  async create(@Input() { tenantId, body }: InputOf<typeof endpoints.createRule>) {
    return this.put(tenantId, '', body);
  }

  @Serves(endpoints.replaceRule)
  async replace(@Input() { tenantId, parameters, body }: InputOf<typeof endpoints.replaceRule>) {
    await this.assertRule(tenantId, parameters.id);
    return this.put(tenantId, parameters.id, body);
  }

  @Serves(endpoints.deleteRule)
  async delete(@Input() { tenantId, parameters }: InputOf<typeof endpoints.deleteRule>): Promise<void> {
    await this.assertRule(tenantId, parameters.id);
    await call(this.alerting, 'deleteRule', { tenantId, ruleId: parameters.id });
  }

  private async put(tenantId: string, ruleId: string, body: InputOf<typeof endpoints.createRule>['body']) {
    const { rule } = await call(this.alerting, 'putRule', { rule: ruleToPut(tenantId, ruleId, body) });
    return ruleJson(present(rule, 'rule'));
  }

  private async rulesOf(tenantId: string) {
    const { rules } = await call(this.alerting, 'listRules', { tenantId });
    return rules.filter((rule) => !rule.deleted);
  }

  private async assertRule(tenantId: string, ruleId: string): Promise<void> {
    const rules = await this.rulesOf(tenantId);
    if (!rules.some((rule) => rule.ruleId === ruleId)) throw new ApiError('not_found', `there is no rule ${ruleId}`);
  }
}
