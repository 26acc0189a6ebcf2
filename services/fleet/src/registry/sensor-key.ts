import { createHash, randomBytes } from 'node:crypto';

/** `sk_` and 32 random bytes in base64url. */
export const generateSensorKey = (): string => `sk_${randomBytes(32).toString('base64url')}`;

/** What the registry keeps of a key: SHA-256, lower-case hex. */
export const hashSensorKey = (key: string): string => createHash('sha256').update(key).digest('hex');
