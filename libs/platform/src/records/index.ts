export { decodeActivity, decodeWindow, encodeActivity, encodeWindow } from './records.js';
