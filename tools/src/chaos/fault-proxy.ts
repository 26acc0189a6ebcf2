import net from 'node:net';

/** Stands between sensors and one door; passes bytes on until told otherwise. */
export interface FaultProxy {
  readonly port: number;
  /** Breaks every connection there is. */
  cut(): void;
  /** Holds bytes of both directions back for `delayMs` from now on; 0: no more. */
  delay(delayMs: number): void;
  close(): Promise<void>;
}

/** `target`: port on the loopback interface. */
export const createFaultProxy = async (target: number): Promise<FaultProxy> => {
  const sockets = new Set<net.Socket>();
  let delayMs = 0;
  const pass = (from: net.Socket, to: net.Socket): void => {
    // Bytes leave in the order in which they came, whatever the delay was when they did.
    let last = Promise.resolve();
    from.on('data', (chunk) => {
      const held = delayMs;
      from.pause();
      last = last.then(async () => {
        if (held > 0) await new Promise((resolve) => setTimeout(resolve, held));
        if (to.destroyed) return;
        if (!to.write(chunk)) await new Promise<void>((resolve) => to.once('drain', resolve).once('close', resolve));
        from.resume();
      });
    });
    from.on('end', () => void last.then(() => to.end()));
  };
  const server = net.createServer((socket) => {
    const upstream = net.connect(target, '127.0.0.1');
    for (const one of [socket, upstream]) {
      sockets.add(one);
      one.setNoDelay(true);
      one.on('error', () => undefined); // 'close' follows
      one.on('close', () => {
        sockets.delete(one);
        socket.destroy();
        upstream.destroy();
      });
    }
    pass(socket, upstream);
    pass(upstream, socket);
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const cut = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    port: (server.address() as net.AddressInfo).port,
    cut,
    delay: (ms) => {
      delayMs = ms;
    },
    close: async () => {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
