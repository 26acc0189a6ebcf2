export type * from './port.js';
export { createKafka, retryForever, sleep, type Kafka } from './client.js';
export { createConsumer, type ConsumerOptions } from './consumer.js';
export { ensureTopics, topicPlan } from './ensure-topics.js';
export { FencedError, isFencing, KafkaUnavailableError, RecordTooLargeError } from './errors.js';
export { createLagWatch, type LagWatch, type LagWatchOptions, type WatchedLag } from './lag-watch.js';
export { createProducer } from './producer.js';
export { createReader, readToEnd, tailTopics, type ReaderOptions } from './reader.js';
export { createTopicView, type TopicView, type TopicViewOptions } from './topic-view.js';
