export { checkChunkingLaw, checkReplayLaw, type LawOptions } from './laws.js';
