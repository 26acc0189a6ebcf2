/** Injection tokens of what main.ts makes. */
export const LOGGER = Symbol('logger');
export const CLICKHOUSE = Symbol('clickhouse');
export const FLEET = Symbol('fleet');
export const ALERTING = Symbol('alerting');
export const CLASSIFICATION = Symbol('classification');
export const MODELS = Symbol('models');
export const REGISTRY_VIEW = Symbol('registry-view');
export const LIVE_HUB = Symbol('live-hub');
export const DEAD_LETTERS = Symbol('dead-letters');
export const REVIEWS = Symbol('reviews');
export const HEARD_SOUND = Symbol('heard-sound');
export const CLIP_KEEPER = Symbol('clip-keeper');
export const API_KEYS = Symbol('api-keys');
export const SETTINGS = Symbol('settings');
