export { decodeFrameBody, frameBits } from './frame-body.js';
