export { decodeActivity, decodeWindow, encodeActivity, encodeWindow } from './records.js';
export { countedPictures, decodePicture, orderedPictures, type LedgerView, type StoredPicture } from './ledger.js';
