import { createHash } from 'node:crypto';

type Query = Readonly<Record<string, unknown>>;

/**
 * A cursor is bound to the path and the filters of its list, so that it cannot silently start
 * another list over.
 */
function sealOf(inner: string, path: string, query: Query): string {
  const filters = Object.entries(query)
    .filter(([name, value]) => name !== 'cursor' && name !== 'limit' && value !== undefined)
    .sort(([left], [right]) => (left < right ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([inner, path, filters]))
    .digest('base64url')
    .slice(0, 10);
}

/**
 * The cursor that a client receives: the list's own cursor behind a seal of the list that it
 * belongs to.
 */
export const sealCursor = (inner: string, path: string, query: Query): string => `${sealOf(inner, path, query)}${inner}`;

/**
 * The list's own cursor inside a received one, or undefined where it is damaged or belongs to
 * another list or other filters.
 */
export function openCursor(sealed: string, path: string, query: Query): string | undefined {
  const inner = sealed.slice(10);
  return sealed === sealCursor(inner, path, query) ? inner : undefined;
}
