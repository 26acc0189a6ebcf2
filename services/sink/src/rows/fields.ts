import type { IncomingRecord } from '@earshot/platform/kafka';

/** ClickHouse DateTime64(6) text, UTC, of microseconds since the Unix epoch. */
export const dateTimeOf = (timeUs: number): string => {
  const seconds = Math.floor(timeUs / 1e6);
  const micros = timeUs - seconds * 1e6;
  return `${new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ')}.${String(micros).padStart(6, '0')}`;
};

/** No energy and "absent" are NaN on the wire, NULL in tables. */
export const orNull = (value: number): number | null => (Number.isFinite(value) ? value : null);

const earliestUs = Date.UTC(2000, 0, 1) * 1000;
const latestUs = Date.UTC(2100, 0, 1) * 1000;

/** What is wrong with an event time, or undefined: tables hold 2000 to 2099. */
export const timeFault = (name: string, timeUs: number): string | undefined =>
  Number.isSafeInteger(timeUs) && timeUs >= earliestUs && timeUs < latestUs
    ? undefined
    : `${name} is ${timeUs} µs since 1970: expected a time from 2000-01-01 to 2099-12-31`;

export const emptyFault = (fields: Readonly<Record<string, string>>): string | undefined => {
  const name = Object.keys(fields).find((key) => fields[key] === '');
  return name === undefined ? undefined : `${name} is empty`;
};

/** Room for Kafka offsets below a version's major part: 2^48 records per partition. */
const MINOR = 2n ** 48n;
const highestMajor = 65_535;

/** Orders the versions of one row: `major` first (calibration version, revision), then the Kafka offset. Decimal text of a UInt64. */
export const rowVersionOf = (major: number, kafkaOffset: number): string =>
  (BigInt(Math.min(major, highestMajor)) * MINOR + BigInt(kafkaOffset)).toString();

/** Columns that every rows table has. `receivedTimeUs` 0 (unknown): the record's own time. */
export const commonColumns = (record: IncomingRecord, receivedTimeUs: number, major: number) => ({
  received_time: dateTimeOf(timeFault('', receivedTimeUs) === undefined ? receivedTimeUs : record.timestampMs * 1000),
  kafka_partition: record.partition,
  kafka_offset: record.kafkaOffset,
  row_version: rowVersionOf(major, record.kafkaOffset),
});
