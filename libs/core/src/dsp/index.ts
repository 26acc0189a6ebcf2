export * from './real-fft.js';
