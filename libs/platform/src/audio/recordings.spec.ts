import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import { decodeAudio } from './decode.js';

jest.setTimeout(60_000);

const folder = process.env['EARSHOT_RECORDINGS'] ?? join(process.cwd(), '../shared/data');
const present = existsSync(folder);
if (!present) process.stderr.write(`No recordings in ${folder}: the decoders are tested on generated files only.\n`);
const files = (name: string, extension: string): string[] =>
  present
    ? readdirSync(join(folder, name), { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith(extension))
        .sort()
        .map((file) => join(folder, name, file))
    : [];

(present ? describe : describe.skip)('real recordings', () => {
  it('decodes Ogg Vorbis clips', async () => {
    const clips = files('esc10', '.ogg').filter((_, i) => i % 20 === 0);
    expect(clips.length).toBeGreaterThan(0);
    for (const clip of clips) {
      const audio = await decodeAudio(readFileSync(clip));
      expect(audio).toMatchObject({ format: 'ogg-vorbis', sampleRateHz: 44_100, bitsPerSample: null });
      expect(audio.channels).toHaveLength(1);
      expect(audio.durationS).toBeGreaterThan(3);
      expect(audio.durationS).toBeLessThan(8);
    }
  });

  it('keeps the odd rate of a field recorder', async () => {
    const audio = await decodeAudio(readFileSync(files('forest-day', '.wav')[0] ?? ''));
    expect(audio).toMatchObject({ format: 'wav', sampleRateHz: 22_000, bitsPerSample: 16 });
  });

  it('decodes soundscapes, WAVE_FORMAT_EXTENSIBLE among them', async () => {
    const tags = new Set<number>();
    for (const file of files('soundscapes', '.wav')) {
      const bytes = readFileSync(file);
      tags.add(bytes.readUInt16LE(20));
      expect((await decodeAudio(bytes)).durationS).toBeGreaterThan(5);
    }
    expect(tags).toContain(0xfffe);
  });
});
