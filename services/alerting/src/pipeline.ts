/**
 * Alerting, read from top to bottom:
 *
 *   levels.v1, events.v1, anomalies.v1 ──► decode ──► raise alerts (core) ──► alerts.v1
 *                                                        ▲ rules in force at the event time
 *   rules.v1 ──► RuleStore ◄──► gRPC (put, list, delete)
 *   alerts.v1 ──► Notifier ──► webhooks
 */
import { Rule, RulesServiceService, topicName } from '@earshot/contracts';
import { createRaiseAlerts, type Alert, type AlertingState, type AlertInput } from '@earshot/core/alerting';
import type { ServicePart } from '@earshot/nest/service';
import { startGrpcServer } from '@earshot/platform/grpc';
import { createTopicView, type Kafka, type RecordProducer, type TopicView } from '@earshot/platform/kafka';
import type { StageDefinition } from '@earshot/platform/stage-runner';
import type { Logger, Registry } from '@earshot/platform/telemetry';
import { decodeAnomaly, decodeEvent, decodeLevels } from './inputs.js';
import { alertRecord } from './outputs.js';
import { RuleStore } from './rules/rule-store.js';
import { createRulesGrpc } from './rules/rules-grpc.js';
import { refusePrivateUrl } from './webhooks/address-guard.js';
import { Notifier } from './webhooks/notifier.js';
import { createPostWebhook } from './webhooks/post-webhook.js';

export interface AlertingContext {
  readonly kafka: Kafka;
  producer(): Promise<RecordProducer>;
  readonly logger: Logger;
  readonly registry: Registry;
  readonly namespace: string;
}

export interface AlertingSettings {
  /** Default: every interface. */
  readonly grpcHost?: string;
  readonly grpcPort: number;
  readonly ruleLeadS: number;
  readonly webhookAllowPrivate: boolean;
  /** Pause before the second attempt of a webhook, ms. */
  readonly webhookFirstPauseMs?: number;
}

export interface Alerting {
  readonly definition: StageDefinition<AlertingState, AlertInput, Alert>;
  /** In the order they start, before the stage. */
  readonly parts: readonly ServicePart[];
  /** The port gRPC listens on, once started. */
  grpcPort(): number;
}

const STATE_VERSION = 1;

export const createAlerting = async (context: AlertingContext, settings: AlertingSettings): Promise<Alerting> => {
  const { kafka, logger, namespace, registry } = context;
  const producer = await context.producer();
  const store = new RuleStore({
    producer,
    namespace,
    leadUs: settings.ruleLeadS * 1e6,
    nowUs: () => Date.now() * 1000,
    refuseUrl: settings.webhookAllowPrivate ? () => undefined : refusePrivateUrl,
  });
  let port = settings.grpcPort;
  return {
    definition: {
      name: 'alerting',
      stage: createRaiseAlerts(store.book),
      stateVersion: STATE_VERSION,
      inputs: [
        { topic: topicName('levels', namespace), decode: decodeLevels },
        { topic: topicName('events', namespace), decode: decodeEvent },
        { topic: topicName('anomalies', namespace), decode: decodeAnomaly },
      ],
      stateTopic: topicName('stateAlerting', namespace),
      route: (alert) => alertRecord(alert, namespace),
    },
    parts: [
      rulesPart(kafka, namespace, logger, store),
      new Notifier({
        kafka,
        producer,
        namespace,
        logger,
        registry,
        webhookUrl: (tenantId, ruleId) => store.webhookUrl(tenantId, ruleId),
        post: createPostWebhook({ allowPrivate: settings.webhookAllowPrivate }),
        ...(settings.webhookFirstPauseMs === undefined ? {} : { firstPauseMs: settings.webhookFirstPauseMs }),
      }),
      grpcPart(async () => {
        const services = [{ definition: RulesServiceService, implementation: createRulesGrpc(store) }];
        const server = await startGrpcServer({
          ...(settings.grpcHost === undefined ? {} : { host: settings.grpcHost }),
          port: settings.grpcPort,
          services,
          logger,
        });
        port = server.port;
        return server;
      }),
    ],
    grpcPort: () => port,
  };
};

/** Reads the system of record; nothing is judged before it is complete. */
const rulesPart = (kafka: Kafka, namespace: string, logger: Logger, store: RuleStore): ServicePart => {
  let view: TopicView<Rule> | undefined;
  return {
    name: 'rules',
    start: async () => {
      view = await createTopicView<Rule>(kafka, {
        topic: topicName('rules', namespace),
        decode: ({ value }) => (value === null ? null : Rule.decode(value)),
        onChange: (key, rule) => store.apply(key, rule),
        logger,
      });
      await view.ready;
    },
    stop: async () => view?.stop(),
    ready: () => view?.isReady() === true || 'reading the rules',
  };
};

const grpcPart = (listen: () => Promise<{ stop(): Promise<void> }>): ServicePart => {
  let server: { stop(): Promise<void> } | undefined;
  return {
    name: 'grpc',
    start: async () => {
      server = await listen();
    },
    stop: async () => server?.stop(),
    ready: () => server !== undefined || 'gRPC does not listen yet',
  };
};
