export {
  findLetters,
  letterTopics,
  notReplayable,
  toReplay,
  type DeadLetter,
  type Found,
  type LetterFilter,
} from './letters.js';
