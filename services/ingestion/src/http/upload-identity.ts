import { createHash } from 'node:crypto';
import type { ClockQuality } from '@earshot/contracts';
import type { SensorRef } from '../access/sensors.js';

/** How an upload says which frames it holds. */
export interface UploadHeaders {
  readonly bootId: string | undefined;
  /** Event time of sample 0 of the boot, RFC 3339. */
  readonly startTime: string | undefined;
  readonly firstSequence: string | undefined;
  readonly firstSampleIndex: string | undefined;
}

export interface UploadIdentity {
  readonly bootId: string;
  /** 0: not given. */
  readonly anchorTimeUs: number;
  readonly firstSequence: number;
  readonly firstSampleIndex: number;
  /** Absent: the source says nothing of its clock. */
  readonly clockQuality?: ClockQuality;
}

/** A header that can't be used; the message names it. */
export class HeaderError extends Error {
  override readonly name = 'HeaderError';
}

const RFC_3339 = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/i;

/** Microseconds since the Unix epoch; digits beyond them are cut. Throws `HeaderError`. */
export const parseStartTime = (text: string): number => {
  const match = RFC_3339.exec(text.trim());
  const seconds = match === null ? NaN : Date.parse(`${match[1] ?? ''}${match[3] ?? ''}`.toUpperCase());
  if (match === null || Number.isNaN(seconds))
    throw new HeaderError(
      `Earshot-Start-Time is ${JSON.stringify(text)}; an RFC 3339 time is needed, e.g. 2026-05-01T08:00:00.000Z`,
    );
  return seconds * 1000 + Number((match[2] ?? '').padEnd(6, '0').slice(0, 6));
};

const count = (name: string, text: string | undefined): number => {
  if (text === undefined) return 0;
  const value = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
  if (!Number.isSafeInteger(value))
    throw new HeaderError(`${name} is ${JSON.stringify(text)}; an integer from 0 is needed`);
  return value;
};

/**
 * Without Earshot-Boot-Id the upload is a boot of its own, named after what it holds: the same sound sent again with the
 * same start time is the same boot, and so a duplicate. Throws `HeaderError`.
 */
export const identifyUpload = (
  headers: UploadHeaders,
  sensor: SensorRef,
  channel: number,
  body: Uint8Array,
  receivedTimeUs: number,
): UploadIdentity => {
  const anchorTimeUs = headers.startTime === undefined ? 0 : parseStartTime(headers.startTime);
  const firstSequence = count('Earshot-First-Sequence', headers.firstSequence);
  const firstSampleIndex = count('Earshot-First-Sample-Index', headers.firstSampleIndex);
  if (firstSequence > 0 !== firstSampleIndex > 0)
    throw new HeaderError(
      'Earshot-First-Sequence and Earshot-First-Sample-Index go together: both 0 (or not given), or both above 0',
    );
  if (headers.bootId !== undefined) return { bootId: headers.bootId, anchorTimeUs, firstSequence, firstSampleIndex };
  if (firstSequence > 0)
    throw new HeaderError('Earshot-First-Sequence needs Earshot-Boot-Id: the boot that is continued');
  const hash = createHash('sha256')
    .update(
      `${sensor.tenantId}/${sensor.sensorId}\n${anchorTimeUs === 0 ? receivedTimeUs : anchorTimeUs}\n${channel}\n`,
    )
    .update(body)
    .digest('hex');
  return { bootId: `upload-${hash.slice(0, 40)}`, anchorTimeUs, firstSequence, firstSampleIndex };
};
