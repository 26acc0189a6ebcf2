import type { Socket } from 'node:net';

/**
 * Follows MQTT's framing (a type byte, then the length of the rest in 1 to 4 bytes of 7 bits) over the bytes of one
 * connection, and tells as soon as a packet announces more than is allowed: the broker would gather it in memory first.
 */
export const createPacketGuard = (maxPacketBytes: number): ((chunk: Uint8Array) => boolean) => {
  let skip = 0;
  let length: number | undefined;
  let shift = 0;
  return (chunk) => {
    let at = 0;
    while (at < chunk.length) {
      if (skip > 0) {
        const step = Math.min(skip, chunk.length - at);
        skip -= step;
        at += step;
      } else if (length === undefined) {
        at += 1; // the type byte
        length = 0;
        shift = 0;
      } else {
        const byte = chunk[at] ?? 0;
        at += 1;
        length += (byte & 0x7f) * 2 ** shift;
        shift += 7;
        if (length > maxPacketBytes || shift > 28) return false;
        if ((byte & 0x80) === 0) {
          skip = length;
          length = undefined;
        }
      }
    }
    return true;
  };
};

/** Ends the connection when a packet announces more than `maxPacketBytes`. */
export const guardSocket = (socket: Socket, maxPacketBytes: number, onTooLarge: () => void): void => {
  const isAllowed = createPacketGuard(maxPacketBytes);
  const read = socket.read.bind(socket);
  socket.read = (size?: number): unknown => {
    const chunk: unknown = read(size);
    if (!(chunk instanceof Uint8Array) || isAllowed(chunk)) return chunk;
    onTooLarge();
    socket.destroy();
    return null;
  };
};
