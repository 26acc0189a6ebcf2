export { createRealFft } from './pffft.js';
