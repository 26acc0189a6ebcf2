import { describe, expect, it } from '@jest/globals';
import { clipPicture, powerSpectrum } from './spectrum.js';

const RATE = 16_000;

describe('powerSpectrum', () => {
  it('of a tone on a bin lies in that bin alone', () => {
    const re = Float64Array.from({ length: 1024 }, (_, i) => Math.cos((2 * Math.PI * 64 * i) / 1024));
    const power = powerSpectrum(re, new Float64Array(1024));
    expect(power[64]).toBeCloseTo(512 ** 2, 3);
    power.forEach((value, bin) => {
      if (bin !== 64) expect(value).toBeLessThan(1e-12);
    });
  });

  it('keeps the energy (Parseval)', () => {
    const signal = Float64Array.from({ length: 64 }, (_, i) => Math.sin(i * i));
    const energy = signal.reduce((sum, value) => sum + value * value, 0);
    const power = powerSpectrum(Float64Array.from(signal), new Float64Array(64));
    const both = power.reduce((sum, value, bin) => sum + (bin === 0 || bin === 32 ? value : 2 * value), 0);
    expect(both / 64).toBeCloseTo(energy, 9);
  });
});

describe('clipPicture', () => {
  it('is bright where and when a tone is', () => {
    const samples = Float32Array.from({ length: 2 * RATE }, (_, i) =>
      i < RATE ? 1e-4 * Math.sin(i * i) : Math.sin((2 * Math.PI * 1_000 * i) / RATE),
    );
    const { columns, rows, bytes } = clipPicture(samples, RATE, 20, 32);
    const column = (at: number): number[] => [...bytes.subarray(at * rows, (at + 1) * rows)];
    const brightest = (at: number): number => column(at).indexOf(Math.max(...column(at)));
    expect(columns).toBe(20);
    const rowOf1kHz = brightest(15);
    // 1 kHz is 15 mel, 50 Hz 0.75, 8 kHz 45.2 (Slaney): row 10 of 32.
    expect(rowOf1kHz).toBe(10);
    expect(column(15)[rowOf1kHz]).toBe(255);
    expect(column(4)[rowOf1kHz]).toBeLessThan(100);
  });

  it('of digital silence is dark', () => {
    expect(Math.max(...clipPicture(new Float32Array(RATE), RATE, 10, 16).bytes)).toBe(0);
  });
});
