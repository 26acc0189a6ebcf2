import { DEFAULT_PARTITIONS, topicName, topics, type TopicId, type TopicSpec } from '@earshot/contracts';

const duration = (ms: number): string => {
  const units: readonly (readonly [number, string])[] = [
    [86_400_000, 'd'],
    [3_600_000, 'h'],
    [60_000, 'min'],
  ];
  const [size, unit] = units.find(([candidate]) => ms % candidate === 0) ?? [1000, 's'];
  return `${ms / size} ${unit}`;
};

const row = (id: TopicId): string => {
  const spec: TopicSpec = topics[id];
  const kept = spec.cleanup.kind === 'compact' ? 'compacted' : duration(spec.cleanup.retentionMs);
  const cells = [
    `\`${topicName(id)}\``,
    `\`${spec.schema}\``,
    spec.key,
    kept,
    spec.writers.join(', '),
    spec.readers.join(', '),
    spec.deadLetters ? 'yes' : '',
    spec.description,
  ];
  return `| ${cells.join(' | ')} |`;
};

/** docs/topics.md, from the one table of topics. */
export const topicsPage = (): string => `# Topics

Generated from \`libs/contracts/src/topics.ts\` by \`npm run docs:topics\`; do not edit.

Values are protobuf (\`proto/\`). Partitioning is the Java client's murmur2 over the key; every topic has the same number of
partitions (${DEFAULT_PARTITIONS} on one machine), so that one sensor has the same partition number in each. \`<topic>.dlq\` holds what could not
be used: the untouched record with the headers \`earshot-dlq-reason\`, \`-cause\`, \`-stage\`, \`-topic\`, \`-partition\`,
\`-kafka-offset\`, \`-attempt\`. Outputs of a stage carry \`earshot-origin\` (\`<input topic>@<offset>#<index>\`): a repetition after a restart
has the same origin and the same id.

| topic | value | key | kept | written by | read by | DLQ | what |
|---|---|---|---|---|---|---|---|
${(Object.keys(topics) as TopicId[]).map(row).join('\n')}
`;
