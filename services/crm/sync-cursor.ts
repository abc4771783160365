import { type Instant, instantOf, plusMillis } from '../shared/time.ts';

/** Everything changed up to here, in order of change and id, has been seen. */
export type SyncCursor = { readonly changedAt: Instant; readonly id: string };

/** Longest that a write may take from reading the clock until others can read it. */
const settleMillis = 5_000;

/**
 * Where the next sync goes on. Never behind a change so young that an older one may still be on its way to the document server:
 * such young changes are seen once more, so none is ever missed. `more` says that asking again at once is worth it.
 */
export function advance(
  cursor: SyncCursor | undefined,
  last: SyncCursor | undefined,
  full: boolean,
  now: Instant,
): { readonly next: SyncCursor; readonly more: boolean } {
  const settled = { changedAt: plusMillis(now, -settleMillis), id: '' };
  const reached = last ?? cursor ?? settled;
  if (reached.changedAt <= settled.changedAt) return { next: reached, more: full };
  return { next: cursor && cursor.changedAt > settled.changedAt ? cursor : settled, more: false };
}

export const writeCursor = ({ changedAt, id }: SyncCursor): string => Buffer.from(`${changedAt} ${id}`).toString('base64url');

export function readCursor(text: string): SyncCursor | undefined {
  const [changedAt = '', id = ''] = Buffer.from(text, 'base64url').toString('utf8').split(' ');
  return instantOf(changedAt) === changedAt ? { changedAt, id } : undefined;
}
