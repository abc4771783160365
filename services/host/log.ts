import { type Logger, pino } from 'pino';
import { currentTrace } from '../shared/context.ts';

/**
 * Structured logs on standard output. Ids, codes and durations only: personal data and secrets are
 * not logged, and a field with one of these names is removed.
 */
export const createLog = (level: string, app: string): Logger =>
  pino({
    level,
    base: { app },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: ['*.email', '*.name', '*.phone', '*.address', '*.password', '*.token', '*.authorization'], remove: true },
    mixin: () => {
      const trace = currentTrace();
      return trace ? { traceId: trace.traceId } : {};
    },
  });
