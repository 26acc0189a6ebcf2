export * from './types.js';
export * from './rule.js';
export * from './detect-events.js';
