/** The object store port: whole objects of some megabytes under keys, written once. */

/** `a/b/c.wav`: segments of A-Z a-z 0-9 . _ -, none beginning with a dot. */
export const OBJECT_KEY_PATTERN = /^[A-Za-z0-9_-][A-Za-z0-9._-]*(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/;

/** The store is full: nothing was written, nothing else was removed. */
export class ObjectStoreFullError extends Error {
  override readonly name = 'ObjectStoreFullError';
}

export interface ObjectStoreUsage {
  readonly objects: number;
  readonly bytes: number;
}

/** Keys that are none are refused by every call with a RangeError. */
export interface ObjectStore {
  /** Resolves when the object will outlive a crash; an object of that key is replaced as a whole. Rejects with ObjectStoreFullError. */
  put(key: string, bytes: Uint8Array): Promise<void>;
  /** undefined: there is none. */
  get(key: string): Promise<Uint8Array | undefined>;
  has(key: string): Promise<boolean>;
  /** An object that is not there is deleted already. */
  delete(key: string): Promise<void>;
  usage(): ObjectStoreUsage;
}
