import { pino, type Logger } from 'pino';

export type { Logger } from 'pino';

/** JSON lines on stdout. One line per thing that happened to the service, never one per message. */
export const createLogger = (service: string, level = 'info'): Logger =>
  pino({
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  });
