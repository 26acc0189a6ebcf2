import { ID_PATTERN, ID_RULE } from '@earshot/contracts';
import { z } from 'zod';

import { resolutions, seriesResolutions } from './range.js';
import { microsOf } from './time.js';

/** Query parameters; `z.input` is what stands in the URL, `z.output` what handlers get. */

/** Microseconds since the Unix epoch. */
export const timeInput = z.iso
  .datetime({ offset: true, error: 'expected an RFC 3339 time, e.g. 2026-11-22T10:00:00.000Z' })
  .transform((text, context) => {
    const us = microsOf(text);
    if (us !== undefined) return us;
    context.addIssue({ code: 'custom', message: 'expected an RFC 3339 time, e.g. 2026-11-22T10:00:00.000Z' });
    return z.NEVER;
  });

export const timeParameter = timeInput.optional();

/** A day of a site's calendar. */
export const dateParameter = z.iso.date('expected a date, e.g. 2026-11-22').optional();

export const limitParameter = (fallback: number, most: number) => {
  const error = `expected a whole number from 1 to ${most}`;
  return z.coerce.number({ error }).int(error).min(1, error).max(most, error).default(fallback);
};

export const cursorParameter = z.string().min(1).max(1000).optional();

export const flagParameter = (fallback: boolean) =>
  z
    .enum(['true', 'false'])
    .default(fallback ? 'true' : 'false')
    .transform((text) => text === 'true');

export const optionalFlagParameter = z
  .enum(['true', 'false'])
  .transform((text) => text === 'true')
  .optional();

/** Comma-separated values of a closed set. */
export const setParameter = <const T extends readonly [string, ...string[]]>(values: T) =>
  z
    .string()
    .transform((text, context): T[number][] => {
      const parts = text.split(',').filter((part) => part !== '');
      const known = parts.filter((part): part is T[number] => values.includes(part));
      if (known.length < parts.length) {
        context.addIssue({ code: 'custom', message: `expected a comma-separated list of ${values.join(', ')}` });
      }
      return known;
    })
    .optional();

export const resolutionParameter = z.enum(resolutions).optional();
export const orderParameter = (fallback: 'asc' | 'desc') => z.enum(['asc', 'desc']).default(fallback);

export const sensorId = z.string().regex(ID_PATTERN, `expected ${ID_RULE}`);
export const label = z.string().min(1).max(200);

export const seriesResolutionParameter = z.enum(seriesResolutions).default('1h');

/** Comma-separated ids, each once. */
export const sensorIdsParameter = (most: number) =>
  z
    .string()
    .transform((text, context): string[] => {
      const ids = [...new Set(text.split(','))];
      const fits = ids.length <= most && ids.every((id) => ID_PATTERN.test(id));
      if (!fits) {
        const message = `expected 1 to ${most} sensor ids, separated by commas, each ${ID_RULE}`;
        context.addIssue({ code: 'custom', message });
      }
      return ids;
    })
    .optional();
