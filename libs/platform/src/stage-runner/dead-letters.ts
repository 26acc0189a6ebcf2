import { dlqName } from '@earshot/contracts';
import type { DlqReason } from '@earshot/core/stage';
import type { IncomingRecord, OutgoingRecord } from '../kafka/index.js';

/** Header names of a dead letter; the value and key of the record stay untouched. */
export const dlqHeaders = {
  reason: 'earshot-dlq-reason',
  cause: 'earshot-dlq-cause',
  stage: 'earshot-dlq-stage',
  topic: 'earshot-dlq-topic',
  partition: 'earshot-dlq-partition',
  kafkaOffset: 'earshot-dlq-kafka-offset',
  attempt: 'earshot-dlq-attempt',
} as const;

const MAX_CAUSE_CHARS = 500;

/** `attempt` counts how often the record has come here: 1 at first, more after replays. */
export const deadLetter = (
  record: IncomingRecord,
  stage: string,
  reason: DlqReason,
  cause: string,
): OutgoingRecord => ({
  topic: dlqName(record.topic),
  key: record.key,
  value: record.value,
  headers: {
    ...record.headers,
    [dlqHeaders.reason]: reason,
    [dlqHeaders.cause]: cause.slice(0, MAX_CAUSE_CHARS),
    [dlqHeaders.stage]: stage,
    [dlqHeaders.topic]: record.topic,
    [dlqHeaders.partition]: String(record.partition),
    [dlqHeaders.kafkaOffset]: String(record.kafkaOffset),
    [dlqHeaders.attempt]: String(Number(record.headers[dlqHeaders.attempt] ?? '0') + 1),
  },
});
