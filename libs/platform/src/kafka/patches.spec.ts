import { createRequire } from 'node:module';
import { describe, expect, it } from '@jest/globals';

/** The two patches under patches/ (see there): without them the driver still works, but costs what DESIGN measured. */
const require = createRequire(import.meta.url);

describe('patches of kafkajs', () => {
  it('CRC-32C is computed by @node-rs/crc32 and right', () => {
    const crc32C = require('kafkajs/src/protocol/recordBatch/crc32C') as (buffer: Buffer) => number;
    // RFC 3720 B.4: 32 bytes of zeros, 32 bytes of ones.
    expect(crc32C(Buffer.alloc(32))).toBe(0x8a9136aa);
    expect(crc32C(Buffer.alloc(32, 0xff))).toBe(0x62a8ab43);
    expect(crc32C.toString()).toContain('crc32c(');
  });

  it('a request queue with nothing pending arms no timer', () => {
    const RequestQueue = require('kafkajs/src/network/requestQueue') as new (options: object) => {
      throttleCheckTimeoutId: unknown;
      checkPendingRequests(): void;
      destroy(): void;
    };
    const queue = new RequestQueue({
      maxInFlightRequests: 1,
      requestTimeout: 1000,
      enforceRequestTimeout: false,
      clientId: 'test',
      broker: 'test',
      logger: { debug: () => undefined },
    });
    queue.checkPendingRequests();
    expect(queue.throttleCheckTimeoutId).toBeNull();
    queue.destroy();
  });
});
