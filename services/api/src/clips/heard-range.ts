import type { ClipSpan } from '@earshot/core/clips';
import type { ClickHouse } from '@earshot/platform/clickhouse';

import { ApiError } from '../http/errors.js';
import { isoOf } from '../query/time.js';
import type { OfSensor } from '../store/levels.js';

/** When the sound of a span came in, ms since the Unix epoch: where it stands in the audio topics. */
export interface ReceivedRange {
  readonly fromMs: number;
  readonly toMs: number;
}

const micros = (name: string): string => `fromUnixTimestamp64Micro({${name}:Int64}, 'UTC')`;

export const spanText = ({ fromUs, toUs }: ClipSpan): string => `${isoOf(fromUs)} to ${isoOf(toUs)}`;

/**
 * By the levels of the span's seconds, which carry event time and time of reception: right also for sensors whose clock is off, for
 * uploads and for what came late. @throws ApiError not_found when nothing was heard then, or levels only.
 */
export const receivedRangeOf = async (
  clickhouse: ClickHouse,
  { tenantId, sensorId }: OfSensor,
  span: ClipSpan,
): Promise<ReceivedRange> => {
  const [found] = await clickhouse.query<{ seconds: string; sounding: string; from_us: string; to_us: string }>(
    `SELECT count() AS seconds, countIf(sample_rate_hz > 0) AS sounding,
       toUnixTimestamp64Micro(minIf(received_time, sample_rate_hz > 0)) AS from_us,
       toUnixTimestamp64Micro(maxIf(received_time, sample_rate_hz > 0)) AS to_us
     FROM levels_1s
     WHERE tenant_id = {tenant:String} AND sensor_id = {sensor:String}
       AND time > ${micros('beforeUs')} AND time < ${micros('toUs')}`,
    { tenant: tenantId, sensor: sensorId, beforeUs: span.fromUs - 1_000_000, toUs: span.toUs },
  );
  if (found === undefined || Number(found.seconds) === 0)
    throw new ApiError('not_found', `nothing was heard of sensor ${sensorId} from ${spanText(span)}`);
  if (Number(found.sounding) === 0)
    throw new ApiError('not_found', `sensor ${sensorId} sent levels only from ${spanText(span)}: there is no sound`);
  return { fromMs: Math.floor(Number(found.from_us) / 1000), toMs: Math.ceil(Number(found.to_us) / 1000) };
};
