import type { ClientReadableStream } from '@grpc/grpc-js';
import type { FleetServiceClient, WatchSensorsResponse } from '@earshot/contracts';

import { sensorJson } from '../peers/registry-json.js';
import type { SensorJson } from '../schemas/registry.js';

const RETRY_MS = 2_000;
/** "Last seen" changes every second of every sensor; nobody needs it that often. */
const QUIET_MS = 5_000;

/** Fleet's watch over the sensors of one tenant, open while somebody listens, opened again when it breaks. */
export class SensorWatch {
  private readonly sensors = new Map<string, { readonly json: SensorJson; readonly toldMs: number }>();
  private readonly listeners = new Set<(sensor: SensorJson) => void>();
  private stream: ClientReadableStream<WatchSensorsResponse> | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly fleet: FleetServiceClient,
    private readonly tenantId: string,
    private readonly now: () => number,
  ) {}

  /** Tells every sensor known by now, then each change. Returns how to stop. */
  listen(listener: (sensor: SensorJson) => void): () => void {
    for (const { json } of this.sensors.values()) listener(json);
    this.listeners.add(listener);
    if (this.listeners.size === 1) this.open();
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size === 0) this.close();
    };
  }

  close(): void {
    clearTimeout(this.timer);
    this.stream?.cancel();
    this.stream = undefined;
    this.sensors.clear();
  }

  private open(): void {
    const stream = this.fleet.watchSensors({ tenantId: this.tenantId });
    this.stream = stream;
    stream.on('data', ({ status }: WatchSensorsResponse) => {
      if (status?.sensor !== undefined) this.tell(sensorJson(status));
    });
    const again = (): void => {
      if (this.stream !== stream) return;
      this.stream = undefined;
      this.timer = setTimeout(() => {
        if (this.listeners.size > 0) this.open();
      }, RETRY_MS);
    };
    stream.on('error', again);
    stream.on('end', again);
  }

  private tell(json: SensorJson): void {
    const before = this.sensors.get(json.id);
    const nowMs = this.now();
    const quiet = before !== undefined && nowMs - before.toldMs < QUIET_MS && sameBesidesSeen(before.json, json);
    this.sensors.set(json.id, { json, toldMs: quiet ? before.toldMs : nowMs });
    if (quiet) return;
    for (const listener of this.listeners) listener(json);
  }
}

const sameBesidesSeen = (a: SensorJson, b: SensorJson): boolean =>
  JSON.stringify({ ...a, lastSeen: null, lastReceived: null, gapSeconds: 0 }) ===
  JSON.stringify({ ...b, lastSeen: null, lastReceived: null, gapSeconds: 0 });
