export { decodeActivity, decodeWindow, encodeActivity, encodeWindow } from './records.js';
export { countedPictures, decodePicture, orderedPictures, type LedgerView, type StoredPicture } from './ledger.js';
export { DEFAULT_RESOLVE_AFTER_S, isQuantity, isSeverity, toAlertRule } from './alert-rules.js';
