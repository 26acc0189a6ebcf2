import type { IncomingHttpHeaders } from 'node:http';
import type { ApiKeys } from '../access/api-keys.js';
import type { SensorDirectory, SensorRef } from '../access/sensors.js';
import { refuse, type Refusal } from '../refusal.js';
import { HeaderError } from './upload-identity.js';

const INGEST_SCOPE = 'ingest';

const one = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value);

/** The key is known, and may not do this. */
export class ForbiddenError extends Error {
  override readonly name = 'ForbiddenError';
}

/**
 * Whose sound it is: a tenant's API key with the scope `ingest` speaks for all its sensors, a sensor's own key for that
 * sensor, and then the header Earshot-Tenant must name the tenant. Throws `HeaderError` when it
 * names another tenant than the key's, `ForbiddenError` when the key lacks the scope.
 */
export const authenticateUpload = async (
  headers: IncomingHttpHeaders,
  sensorId: string,
  apiKeys: ApiKeys,
  directory: SensorDirectory,
): Promise<SensorRef | Refusal> => {
  const key = /^Bearer (\S+)$/i.exec(headers.authorization ?? '')?.[1];
  if (key === undefined) return refuse('wrong_key', 'Authorization: Bearer <sensor key or API key> is needed');
  const tenantId = one(headers['earshot-tenant']);
  const apiKey = await apiKeys.find(key);
  if (apiKey !== undefined) {
    if (!apiKey.scopes.includes(INGEST_SCOPE))
      throw new ForbiddenError(
        `API key ${apiKey.id} has the scopes ${apiKey.scopes.join(', ')}; ${INGEST_SCOPE} is needed`,
      );
    if (tenantId !== undefined && tenantId !== apiKey.tenantId)
      throw new HeaderError(
        `Earshot-Tenant is ${JSON.stringify(tenantId)}; the API key is of tenant ${apiKey.tenantId}`,
      );
    return directory.find({ tenantId: apiKey.tenantId, sensorId });
  }
  if (tenantId === undefined)
    return refuse(
      'wrong_key',
      'this is no known API key; with a sensor key the header Earshot-Tenant must name the tenant of the sensor',
    );
  return directory.authenticate({ tenantId, sensorId }, key);
};
