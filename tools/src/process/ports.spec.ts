import net from 'node:net';

import { describe, expect, it } from '@jest/globals';

import { assertPortFree, freePorts, isPortFree, listeningInodes } from './ports.js';

const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 111 1 0000
   1: 0100007F:1F90 0100007F:C000 01 00000000:00000000 00:00000000 00000000     0        0 222 1 0000
   2: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 333 1 0000
`;

describe('ports', () => {
  it('finds the listening socket of a port, not its connections', () => {
    expect(listeningInodes(table, 8080)).toEqual(['111']);
    expect(listeningInodes(table, 80)).toEqual(['333']);
    expect(listeningInodes(table, 81)).toEqual([]);
  });

  it('names the setting when a port is taken on any address', async () => {
    const [port = 0] = await freePorts(1);
    await assertPortFree(port, 'Kafka', 'EARSHOT_KAFKA_PORT');
    const holder = net.createServer();
    await new Promise<void>((resolve) => holder.listen(port, '127.0.0.1', resolve));
    expect(await isPortFree(port)).toBe(false);
    await expect(assertPortFree(port, 'Kafka', 'EARSHOT_KAFKA_PORT')).rejects.toThrow(
      new RegExp(`Port ${port}, needed for Kafka, is taken.*EARSHOT_KAFKA_PORT=<port>`),
    );
    await new Promise((resolve) => holder.close(resolve));
  });
});
