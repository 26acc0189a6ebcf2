import { AudioFrame, Flac, Pcm } from '@earshot/contracts';

/** Field numbers of the bodies in `earshot.audio.v1.AudioFrame`, of the data in them, and wire type 2: length and bytes. */
const BODY_FIELD = { pcm: 11, flac: 12 } as const;
const DATA_FIELD = { pcm: 2, flac: 1 } as const;
const LENGTH_DELIMITED = 2;
const tagOf = (field: number): number => (field << 3) | LENGTH_DELIMITED;
/** Tags and lengths of a body: two bytes and at most five, twice. */
const MOST_FRAMING = 14;

const varintSize = (value: number): number => {
  let size = 1;
  for (let left = value; left > 0x7f; left >>>= 7) size++;
  return size;
};

const writeVarint = (out: Uint8Array, at: number, value: number): number => {
  let next = at;
  for (let left = value; ; left >>>= 7) {
    if (left <= 0x7f) {
      out[next++] = left;
      return next;
    }
    out[next++] = (left & 0x7f) | 0x80;
  }
};

const EMPTY = Buffer.alloc(0);

/** `AudioFrame.encode(frame).finish()`, byte for byte, with one copy of the samples. */
export const encodeAudioFrame = (frame: AudioFrame): Uint8Array => {
  const { body } = frame;
  if ((body?.$case !== 'pcm' && body?.$case !== 'flac') || body.value.data.length === 0) {
    return AudioFrame.encode(frame).finish();
  }
  const { data } = body.value;
  const head = AudioFrame.encode({ ...frame, body: undefined }).finish();
  const before =
    body.$case === 'pcm'
      ? Pcm.encode({ ...body.value, data: EMPTY }).finish()
      : Flac.encode({ ...body.value, data: EMPTY }).finish();
  const inner = before.length + 1 + varintSize(data.length) + data.length;
  const out = Buffer.allocUnsafeSlow(head.length + MOST_FRAMING + before.length + data.length);
  out.set(head);
  let at = writeVarint(out, head.length, tagOf(BODY_FIELD[body.$case]));
  at = writeVarint(out, at, inner);
  out.set(before, at);
  at = writeVarint(out, at + before.length, tagOf(DATA_FIELD[body.$case]));
  at = writeVarint(out, at, data.length);
  out.set(data, at);
  return out.subarray(0, at + data.length);
};
