/** Tar (POSIX ustar): regular files only, written and read as a stream. */

const BLOCK = 512;

export interface TarFile {
  /** Relative, `/` between folders, at most 100 characters after the last folder and 155 before it. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Splits a path into ustar's prefix and name. Throws RangeError when it does not fit. */
const splitPath = (path: string): readonly [prefix: string, name: string] => {
  const cut = path.lastIndexOf('/');
  const [prefix, name] = cut < 0 ? ['', path] : [path.slice(0, cut), path.slice(cut + 1)];
  if (name === '' || encoder.encode(name).length > 100 || encoder.encode(prefix).length > 155)
    throw new RangeError(`${JSON.stringify(path)} does not fit into a tar header`);
  return [prefix, name];
};

const header = (path: string, size: number, timeS: number): Uint8Array => {
  const block = new Uint8Array(BLOCK);
  const put = (at: number, text: string): void => block.set(encoder.encode(text), at);
  const octal = (at: number, value: number, digits: number): void =>
    put(at, `${value.toString(8).padStart(digits, '0')}\0`);
  const [prefix, name] = splitPath(path);
  put(0, name);
  octal(100, 0o644, 7);
  octal(108, 0, 7);
  octal(116, 0, 7);
  octal(124, size, 11);
  octal(136, timeS, 11);
  put(148, '        ');
  put(156, '0');
  put(257, 'ustar\x0000');
  put(345, prefix);
  const sum = block.reduce((total, byte) => total + byte, 0);
  put(148, `${sum.toString(8).padStart(6, '0')}\0 `);
  return block;
};

/** The blocks of one file. timeS: its time of change, seconds since the Unix epoch. */
export const tarFile = ({ path, bytes }: TarFile, timeS: number): Uint8Array => {
  const blocks = new Uint8Array(BLOCK + Math.ceil(bytes.length / BLOCK) * BLOCK);
  blocks.set(header(path, bytes.length, timeS));
  blocks.set(bytes, BLOCK);
  return blocks;
};

/** After the last file. Without it an archive was cut. */
export const tarEnd = (): Uint8Array => new Uint8Array(2 * BLOCK);

const fault = (what: string): Error => new Error(`tar: ${what}`);

const pathOf = (block: Uint8Array): string => {
  const text = (from: number, to: number): string => decoder.decode(block.subarray(from, to)).replace(/\0.*$/s, '');
  const prefix = text(345, 500);
  const path = prefix === '' ? text(0, 100) : `${prefix}/${text(0, 100)}`;
  if (path.startsWith('/') || path.split('/').some((part) => part === '' || part === '.' || part === '..'))
    throw fault(`${JSON.stringify(path)} is no path inside of a folder`);
  return path;
};

/**
 * The files of an archive as its bytes come. Throws Error when it ends before its end, a header's sum is wrong, an entry is no regular
 * file, a path leads out of the folder, or a file has more than `maxBytes`.
 */
export async function* readTar(source: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<TarFile> {
  const incoming = source[Symbol.asyncIterator]();
  let rest: Uint8Array = new Uint8Array(0);
  const take = async (length: number): Promise<Uint8Array> => {
    const pieces = [rest];
    let have = rest.length;
    while (have < length) {
      const next = await incoming.next();
      if (next.done === true) throw fault('the archive was cut');
      pieces.push(next.value);
      have += next.value.length;
    }
    const all = pieces.length === 1 ? rest : new Uint8Array(Buffer.concat(pieces));
    rest = all.subarray(length);
    return all.slice(0, length);
  };
  for (;;) {
    const block = await take(BLOCK);
    if (block.every((byte) => byte === 0)) return;
    const number = (from: number, to: number): number => parseInt(decoder.decode(block.subarray(from, to)), 8);
    const sum = block.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 32 : byte), 0);
    if (number(148, 156) !== sum) throw fault('the sum of a header is wrong');
    if (block[156] !== 0x30) throw fault(`an entry of type ${block[156] ?? 0}: only files are expected`);
    const [path, size] = [pathOf(block), number(124, 136)];
    if (!(size <= maxBytes)) throw fault(`${path} has ${size} bytes; up to ${maxBytes} are allowed`);
    const padded = await take(Math.ceil(size / BLOCK) * BLOCK);
    yield { path, bytes: padded.subarray(0, size) };
  }
}
