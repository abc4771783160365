import { type Instant, instantOf, plusMillis } from '../shared/time.ts';

/** The last change that a sync returned; changes are ordered by time, then id. */
export type SyncCursor = { readonly changedAt: Instant; readonly id: string };

/** The longest time from reading the clock for a write until others can read that write. */
const writeMillis = 5_000;

/**
 * The cursor of the next sync. It never passes a change so recent that an earlier one may still be
 * on its way to the document server: the next sync returns such recent changes once more, so that
 * none is missed. `more` is true when another sync may return more immediately.
 */
export function advance(
  cursor: SyncCursor | undefined,
  last: SyncCursor | undefined,
  full: boolean,
  now: Instant,
): { readonly next: SyncCursor; readonly more: boolean } {
  const safe = { changedAt: plusMillis(now, -writeMillis), id: '' };
  const reached = last ?? cursor ?? safe;
  if (reached.changedAt <= safe.changedAt) return { next: reached, more: full };
  return { next: cursor && cursor.changedAt > safe.changedAt ? cursor : safe, more: false };
}

export const writeCursor = ({ changedAt, id }: SyncCursor): string => Buffer.from(`${changedAt} ${id}`).toString('base64url');

/** The cursor in a text, or undefined when it holds none. */
export function readCursor(text: string): SyncCursor | undefined {
  const [changedAt = '', id = ''] = Buffer.from(text, 'base64url').toString('utf8').split(' ');
  return instantOf(changedAt) === changedAt ? { changedAt, id } : undefined;
}
