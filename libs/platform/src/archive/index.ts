export { readTar, tarEnd, tarFile, type TarFile } from './tar.js';
