import { z } from 'zod';
import { UserError } from '../process/wait.js';

const modelRef = z.object({ id: z.string(), version: z.string() });

const model = z.object({
  id: z.string(),
  version: z.string(),
  task: z.string(),
  labels: z.array(z.string()),
  role: z.string(),
  effectiveFrom: z.string(),
  metrics: z.looseObject({}).nullable(),
});
export type ListedModel = z.infer<typeof model>;

const roles = z.object({
  revision: z.number(),
  effectiveFrom: z.string().nullable(),
  createdAt: z.string(),
  action: z.string(),
  performedBy: z.string(),
  note: z.string(),
  tasks: z.array(z.object({ task: z.string(), live: modelRef.nullable(), shadow: z.array(modelRef) })),
});
export type ListedRoles = z.infer<typeof roles>;

const errorAnswer = z.object({ error: z.object({ message: z.string() }) });
const DEADLINE_MS = 40_000;

export const keyOf = ({ id, version }: { readonly id: string; readonly version: string }): string => `${id}@${version}`;

/** The models' part of the HTTP API. Refusals are `UserError`s with what the API says. */
export class ModelsApi {
  constructor(
    private readonly apiUrl: string,
    private readonly apiKey: string,
  ) {}

  async models(): Promise<readonly ListedModel[]> {
    const { items } = z.object({ items: z.array(model) }).parse(await this.ask('GET', '/v1/models'));
    return items;
  }

  /** Newest first. */
  async ledger(): Promise<readonly ListedRoles[]> {
    const { items } = z.object({ items: z.array(roles) }).parse(await this.ask('GET', '/v1/models/roles'));
    return items;
  }

  async promote(id: string, body: { readonly version?: string; readonly keepInShadow: boolean; readonly note: string }) {
    return roles.parse(await this.ask('POST', `/v1/models/${encodeURIComponent(id)}/promote`, body));
  }

  async shadow(id: string, body: { readonly version?: string; readonly note: string }) {
    return roles.parse(await this.ask('POST', `/v1/models/${encodeURIComponent(id)}/shadow`, body));
  }

  async unshadow(id: string, version: string | undefined) {
    const query = version === undefined ? '' : `?version=${encodeURIComponent(version)}`;
    return roles.parse(await this.ask('DELETE', `/v1/models/${encodeURIComponent(id)}/shadow${query}`));
  }

  async rollback(body: { readonly task?: string; readonly note: string }) {
    return roles.parse(await this.ask('POST', '/v1/models/rollback', body));
  }

  private async ask(method: string, path: string, body?: object): Promise<unknown> {
    let response: Response;
    try {
      response = await fetch(`${this.apiUrl}${path}`, {
        method,
        headers: { authorization: `Bearer ${this.apiKey}`, 'content-type': 'application/json' },
        body: body === undefined ? null : JSON.stringify(body),
        signal: AbortSignal.timeout(DEADLINE_MS),
      });
    } catch (error) {
      throw new UserError(`The API at ${this.apiUrl} does not answer: is the stack running? (${String(error)})`);
    }
    const answer: unknown = await response.json().catch(() => null);
    if (response.ok) return answer;
    const told = errorAnswer.safeParse(answer);
    throw new UserError(told.success ? told.data.error.message : `The API answered ${response.status}`);
  }
}
