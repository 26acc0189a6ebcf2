import { AudioError } from './audio.js';
import { oggCrc } from './crc.js';

/** The pages of an Ogg file of one stream (RFC 3533), each checked. */
export interface OggFile {
  /** Byte ranges of the pages, in order. */
  readonly pages: readonly { readonly from: number; readonly to: number }[];
  /** The first packet: the codec's identification header. */
  readonly firstPacket: Uint8Array;
  /** Granule position of the last page that has one; null: none. What it counts is the codec's matter. */
  readonly lastGranule: number | null;
  /** The last page is there and says so. */
  readonly ended: boolean;
  /** The last page is cut short. */
  readonly truncated: boolean;
}

const CAPTURE = 0x4f67_6753;
const FLAG_CONTINUED = 1;
const FLAG_FIRST = 2;
const FLAG_LAST = 4;
const HEADER_BYTES = 27;
const corrupt = (what: string): AudioError => new AudioError('corrupt', `Ogg: ${what}`);

/** End of the page's body, or undefined when the bytes end before. */
const pageEnd = (view: DataView, at: number): number | undefined => {
  if (at + HEADER_BYTES > view.byteLength) return undefined;
  const segments = view.getUint8(at + 26);
  if (at + HEADER_BYTES + segments > view.byteLength) return undefined;
  let end = at + HEADER_BYTES + segments;
  for (let i = 0; i < segments; i++) end += view.getUint8(at + HEADER_BYTES + i);
  return end <= view.byteLength ? end : undefined;
};

/** Throws `AudioError`. Linear in the bytes. */
export const readOggFile = (bytes: Uint8Array): OggFile => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const pages: { from: number; to: number }[] = [];
  let lastGranule: number | null = null;
  let firstPacket: Uint8Array | undefined;
  let truncated = false;
  let ended = false;
  let serial = 0;
  for (let at = 0; at < bytes.length && !ended;) {
    if (at + 4 <= bytes.length && view.getUint32(at) !== CAPTURE) throw corrupt(`no page at byte ${at}`);
    const end = pageEnd(view, at);
    if (end === undefined) {
      truncated = true;
      break;
    }
    if (view.getUint32(at + 22, true) !== oggCrc(bytes, at, end))
      throw corrupt(`the page at byte ${at} fails its check`);
    const flags = view.getUint8(at + 5);
    if (pages.length === 0) {
      serial = view.getUint32(at + 14, true);
      if ((flags & FLAG_FIRST) === 0 || (flags & FLAG_CONTINUED) !== 0)
        throw corrupt('the stream has lost its beginning');
      firstPacket = bytes.subarray(at + HEADER_BYTES + view.getUint8(at + 26), end);
    } else if ((flags & FLAG_FIRST) !== 0 || view.getUint32(at + 14, true) !== serial) {
      throw new AudioError('unsupported', 'Ogg: several streams in one file; one audio stream is allowed');
    }
    if (view.getUint32(at + 18, true) !== pages.length) throw corrupt(`page ${pages.length} is missing`);
    const granule = view.getBigInt64(at + 6, true);
    if (granule >= 0n) lastGranule = Number(granule);
    ended = (flags & FLAG_LAST) !== 0;
    pages.push({ from: at, to: end });
    at = end;
  }
  if (firstPacket === undefined) throw new AudioError('truncated', 'Ogg: the data ends inside the first page');
  return { pages, firstPacket, lastGranule, ended, truncated };
};
