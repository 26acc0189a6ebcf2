export { MAX_HOLES, type Hole } from './holes.js';
export {
  gapsOf,
  GAP_WINDOW_US,
  hear,
  isOnline,
  owesSilent,
  silentTold,
  type HeardSecond,
  type Presence,
} from './presence.js';
