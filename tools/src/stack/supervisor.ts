import type { Settings } from '../config/settings.js';
import { prepareBroker } from '../kafka/broker.js';
import { ensureJars, installedJars } from '../kafka/jars.js';
import { fullDisk } from '../process/disk.js';
import { identify } from '../process/identity.js';
import type { ProcessIdentity } from '../process/identity.js';
import { UserError } from '../process/wait.js';
import { ensureApiKey } from './api-key.js';
import { ManagedProcess } from './managed-process.js';
import type { ManagedSpec } from './managed-process.js';
import { preflight } from './preflight.js';
import { claim, endLeftovers, readRecord, writeRecord } from './record.js';
import { endpointsOf } from './services.js';
import type { ServiceSpec } from './services.js';
import { brokerOptionsOf, clickHouseSpec, kafkaSpec, serviceSpec, simulatorSpec } from './specs.js';
import { formatTable } from './table.js';
import { ensureTopics } from './topics.js';

export interface SupervisorOptions {
  settings: Settings;
  services: readonly ServiceSpec[];
  /** Simulated sensors; 0 for none. */
  sensors: number;
  print: (line: string) => void;
}

const tableDelayMs = 400;
const diskCheckMs = 5_000;

/** Starts the stack and keeps it running until `stop`. One per state folder. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #me: ProcessIdentity;
  readonly #startedAt = new Date();
  readonly #begin = performance.now();
  readonly #processes: ManagedProcess[] = [];
  #lock: { release: () => void } | undefined;
  #ready = false;
  #wasReady = false;
  #stopping: Promise<void> | undefined;
  #stopAsked = false;
  #tableTimer: NodeJS.Timeout | undefined;
  #diskTimer: NodeJS.Timeout | undefined;
  #diskIsFull = false;
  #isRecorded = true;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    const me = identify(process.pid);
    if (me === undefined) throw new UserError('This process cannot see its own start time.');
    this.#me = me;
  }

  /**
   * Resolves when everything is ready (or when it is being stopped before that). Restarts go on until `stop`.
   *
   * @throws UserError when something the user has to change is in the way. What was started has to be stopped then.
   */
  async start(): Promise<void> {
    const { settings, services, sensors } = this.#options;
    this.#lock = claim(settings.stateDir);
    const earlier = readRecord(settings.stateDir);
    if (earlier !== undefined) {
      const ended = await endLeftovers(earlier);
      if (ended.length > 0) this.#say(`ended what an earlier run left behind: ${ended.join(', ')}`);
    }
    await preflight(settings, services, (message) => {
      this.#say(message);
    });
    ensureApiKey(settings.stateDir);
    const endpoints = endpointsOf(settings);
    this.#record();
    this.#diskTimer = setInterval(() => {
      this.#watchDisk();
    }, diskCheckMs);

    await Promise.all([this.#startKafka(endpoints.kafkaBrokers), this.#startClickHouse(endpoints.clickhouseUrl)]);
    if (this.#isStopping()) return;
    const created = await ensureTopics(endpoints.kafkaBrokers, settings.env);
    if (created.length > 0) this.#say(`created ${created.length} topics`);
    this.#say(`starting ${services.length} services and waiting until they are ready`);
    await Promise.all(
      services.map((service, index) => this.#startAndWait(serviceSpec(service, index, settings, endpoints))),
    );
    if (this.#isStopping()) return;
    this.#ready = true;
    this.#wasReady = true;
    if (sensors > 0) this.#launch(simulatorSpec(settings, sensors));
    this.#record();
  }

  /** Services first, then broker and engine; at most 10 s. Leaves no process behind. Safe to call twice. */
  stop(): Promise<void> {
    this.#stopAsked = true;
    this.#stopping ??= this.#stopAll();
    return this.#stopping;
  }

  table(): string {
    return formatTable(
      ['name', 'state', 'pid', 'restarts'],
      this.#processes
        .map((managed) => managed.record)
        .map(({ name, state, identity, restarts }) => [name, state, String(identity?.pid ?? '-'), String(restarts)]),
    );
  }

  #isStopping(): boolean {
    return this.#stopAsked;
  }

  async #stopAll(): Promise<void> {
    // Without the lock another supervisor has the folder: its record must not be touched.
    if (this.#lock === undefined) return;
    this.#ready = false;
    clearTimeout(this.#tableTimer);
    clearInterval(this.#diskTimer);
    const of = (...kinds: ManagedSpec['kind'][]): ManagedProcess[] =>
      this.#processes.filter(({ spec }) => kinds.includes(spec.kind));
    await Promise.all(of('simulator', 'service').map((managed) => managed.stop()));
    await Promise.all(of('broker', 'engine').map((managed) => managed.stop()));
    this.#record();
    this.#lock.release();
  }

  async #startKafka(brokers: string): Promise<void> {
    const { settings } = this.#options;
    if (settings.givenKafkaBrokers !== undefined) {
      this.#say(`Kafka: using the given ${brokers} (KAFKA_BROKERS)`);
      return;
    }
    if (installedJars(settings.root) === undefined)
      this.#say("Kafka: fetching the broker's jars with Maven, once (43 MB)");
    const { version, libsDir } = await ensureJars(settings.root);
    if (this.#isStopping()) return;
    const broker = brokerOptionsOf(settings, libsDir);
    this.#say(`Kafka ${version}: starting the embedded broker, waiting for its answer on ${brokers}`);
    await prepareBroker(broker);
    await this.#startAndWait(kafkaSpec(broker, brokers));
    if (!this.#isStopping()) this.#say('Kafka answers');
  }

  async #startClickHouse(url: string): Promise<void> {
    const { settings } = this.#options;
    if (settings.givenClickHouseUrl !== undefined) {
      this.#say(`ClickHouse: using the given ${new URL(url).host} (CLICKHOUSE_URL)`);
      return;
    }
    this.#say(`ClickHouse: starting the embedded engine, waiting for its answer on ${url}`);
    await this.#startAndWait(clickHouseSpec(settings, url));
    if (!this.#isStopping()) this.#say('ClickHouse answers');
  }

  #launch(spec: ManagedSpec, onReady?: () => void): ManagedProcess {
    const managed = new ManagedProcess(spec, (changed, message) => {
      if (changed.state === 'ready') onReady?.();
      this.#changed(changed, message);
    });
    this.#processes.push(managed);
    if (!this.#isStopping()) managed.start();
    return managed;
  }

  /** Resolves when it is ready for the first time or the stack is being stopped. */
  async #startAndWait(spec: ManagedSpec): Promise<void> {
    await new Promise<void>((resolve) => {
      const managed = this.#launch(spec, resolve);
      const poll = setInterval(() => {
        if (!this.#isStopping() && managed.state !== 'ready') return;
        clearInterval(poll);
        resolve();
      }, 100);
    });
  }

  #changed(managed: ManagedProcess, message: string | undefined): void {
    if (message !== undefined && !this.#isStopping()) this.#say(`${managed.spec.name} ${message}`);
    if (this.#wasReady && !this.#isStopping()) {
      this.#ready = this.#processes.every(({ state, spec }) => spec.kind === 'simulator' || state === 'ready');
      clearTimeout(this.#tableTimer);
      this.#tableTimer = setTimeout(() => {
        this.#options.print(this.table());
      }, tableDelayMs);
    }
    this.#record();
  }

  #record(): void {
    const { settings } = this.#options;
    const { ports } = settings;
    const { kafkaBrokers, clickhouseUrl } = endpointsOf(settings);
    const record = {
      supervisor: this.#me,
      startedAt: this.#startedAt.toISOString(),
      ready: this.#ready,
      kafkaBrokers,
      clickhouseUrl,
      apiUrl: `http://localhost:${ports.api}`,
      mqttUrl: `mqtt://localhost:${ports.mqtt}`,
      grpcUrl: `localhost:${ports.grpc}`,
      processes: this.#processes.map((managed) => managed.record),
    };
    try {
      writeRecord(settings.stateDir, record);
      this.#isRecorded = true;
    } catch (error) {
      if (this.#isRecorded)
        this.#say(`What runs can't be written down, it is tried again: ${(error as Error).message}`);
      this.#isRecorded = false;
    }
  }

  #watchDisk(): void {
    const full = fullDisk(this.#options.settings);
    if (full !== undefined && !this.#diskIsFull) this.#say(full);
    if (full === undefined && this.#diskIsFull) this.#say('There is room on the disk again.');
    this.#diskIsFull = full !== undefined;
    if (!this.#isRecorded) this.#record();
  }

  #say(message: string): void {
    const seconds = ((performance.now() - this.#begin) / 1000).toFixed(1).padStart(5);
    this.#options.print(`[${seconds} s] ${message}`);
  }
}
