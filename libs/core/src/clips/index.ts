export {
  clipSpanOf,
  cutClip,
  type Clip,
  type ClipContext,
  type ClipFrame,
  type ClipPart,
  type ClipSpan,
} from './cut-clip.js';
