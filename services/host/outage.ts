import { InvokeError } from '../shared/invoke-error.ts';

const names = /^(MongoNetwork|MongoServerSelection|MongoPoolCleared|MongoWriteConcern)/;
const codes = /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|UND_ERR_\w+)$/;

/**
 * True where a dependency could not be reached or failed itself, so that the same request may
 * succeed later.
 */
export function isOutage(error: unknown): boolean {
  if (error instanceof InvokeError) return error.status === undefined || error.status >= 500 || error.status === 429;
  if (!(error instanceof Error)) return false;
  const { code } = error as { code?: unknown };
  return names.test(error.name) || (typeof code === 'string' && codes.test(code)) || isOutage(error.cause);
}
