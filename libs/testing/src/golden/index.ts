export { GOLDEN_RATE_HZ, readGolden, renderGolden } from './golden-signals.js';
