export * from './types.js';
export * from './front-end.js';
export * from './classify-windows.js';
export * from './classify-signal.js';
export * from './clip-result.js';
