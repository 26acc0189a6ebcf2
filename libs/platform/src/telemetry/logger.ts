import { pino, type Logger } from 'pino';

export type { Logger } from 'pino';

/**
 * JSON lines on stdout. One line per thing that happened to the service, never one per message. Lines that can't be written (a full
 * disk) are lost: nothing that a log may stop a service for.
 */
export const createLogger = (service: string, level = 'info'): Logger => {
  const destination = pino.destination({ fd: 1, sync: true, maxLength: 1024 * 1024 });
  destination.on('error', () => undefined);
  return pino(
    {
      level,
      base: { service },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
};
