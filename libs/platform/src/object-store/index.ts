export { OBJECT_KEY_PATTERN, ObjectStoreFullError, type ObjectStore, type ObjectStoreUsage } from './port.js';
export { openFileStore, type FileStore, type FileStoreOptions } from './file-store.js';
